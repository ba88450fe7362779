// The dashboard's charts, drawn when they come into view; the numbers are a table in the page as well.
import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, LineChart, GridComponent, TooltipComponent, LegendComponent, MarkLineComponent, AriaComponent, SVGRenderer]);

const english = document.documentElement.lang.startsWith("en");
const FONT = getComputedStyle(document.body).fontFamily;
const AGES = ["#a9c8e6", "#6fa3d4", "#e3b667", "#d98f3c", "#c4601f", "#a13b1a", "#7d1813"];
const money = (value) => (Math.abs(value) >= 10000 ? `${+(value / 10000).toFixed(1)}${english ? "0k" : "万"}` : `${value}`);
const exact = (value) => Number(value).toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const axis = { axisLine: { lineStyle: { color: "#8592a0" } }, axisTick: { show: false }, axisLabel: { color: "#566472", fontSize: 12 } };
const base = (name) => ({
  aria: { enabled: true, label: { description: name } },
  textStyle: { fontFamily: FONT },
  animationDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 350,
  legend: { left: 0, top: 0, itemWidth: 12, itemHeight: 8, textStyle: { color: "#566472" } },
  grid: { left: 8, right: 14, top: 36, bottom: 4, containLabel: true },
});

function bars(data, name) {
  const percent = data.series.some((one) => one.axis === 1);
  const amounts = { type: "value", ...axis, splitLine: { lineStyle: { color: "#eef1f4" } }, axisLabel: { ...axis.axisLabel, formatter: money } };
  const rates = { type: "value", ...axis, splitLine: { show: false }, axisLabel: { ...axis.axisLabel, formatter: "{value}%" } };
  return {
    ...base(name),
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      formatter: (points) =>
        [points[0].axisValueLabel, ...points.map((p) => `${p.seriesName}  ${p.value == null ? "—" : data.series[p.seriesIndex].axis === 1 ? `${p.value}%` : `¥${exact(p.value)}`}`)].join("\n"),
    },
    xAxis: { type: "category", data: data.x, ...axis },
    yAxis: percent ? [amounts, rates] : [amounts],
    series: data.series.map((one, index) => ({
      name: one.name,
      type: one.type ?? "bar",
      yAxisIndex: one.axis ?? 0,
      data: one.data,
      barGap: "15%",
      barMaxWidth: 18,
      z: index + 2,
      symbol: "circle",
      symbolSize: 6,
      itemStyle: { color: ["#c9d6e3", "#1862a8", "#b85410"][index] ?? AGES[index] },
      lineStyle: { width: 2 },
      markLine:
        one.axis === 1 && data.target
          ? { silent: true, symbol: "none", lineStyle: { color: "#b85410", type: "dashed" }, data: [{ yAxis: data.target, label: { formatter: english ? `Target ${data.target}%` : `目标 ${data.target}%`, position: "insideEndTop" } }] }
          : undefined,
    })),
  };
}

function stacked(data, name) {
  return {
    ...base(name),
    tooltip: { trigger: "item", renderMode: "richText", formatter: (p) => `${p.name}\n${p.seriesName}  ¥${exact(p.value)}` },
    yAxis: { type: "category", data: data.y, inverse: true, ...axis },
    xAxis: { type: "value", ...axis, splitLine: { lineStyle: { color: "#eef1f4" } }, axisLabel: { ...axis.axisLabel, formatter: money } },
    series: data.series.map((one, index) => ({ name: one.name, type: "bar", stack: "all", data: one.data, barMaxWidth: 22, itemStyle: { color: AGES[index] } })),
  };
}

function draw(figure) {
  if (figure.dataset.drawn) return;
  figure.dataset.drawn = "1";
  const data = JSON.parse(document.getElementById(figure.dataset.source).textContent);
  const name = figure.getAttribute("aria-label") ?? figure.closest(".card")?.querySelector("h2")?.textContent.trim() ?? "";
  if (figure.dataset.chart === "stacked") figure.style.height = `${Math.max(200, 70 + data.y.length * 34)}px`;
  const chart = init(figure, null, { renderer: "svg" });
  chart.setOption(figure.dataset.chart === "stacked" ? stacked(data, name) : bars(data, name));
  // Printing needs a picture that scales: width and height alone cut it off.
  const fit = () => {
    const svg = figure.querySelector("svg");
    if (svg) svg.setAttribute("viewBox", `0 0 ${chart.getWidth()} ${chart.getHeight()}`);
  };
  fit();
  new ResizeObserver(() => {
    chart.resize();
    fit();
  }).observe(figure);
}

const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    seen.unobserve(entry.target);
    draw(entry.target);
  }
}, { rootMargin: "120px" });
document.querySelectorAll("[data-chart]").forEach((figure) => seen.observe(figure));
