// The one search box: answers while typing, keyboard first, closes on Esc and when focus leaves.
import { toast } from "./toast.js";

const form = document.querySelector("[data-search]");
if (form) {
  const input = form.querySelector("input");
  const hits = form.querySelector(".hits");
  let timer;
  let turn = 0;
  const items = () => [...hits.querySelectorAll("a.hit")];
  const active = () => hits.querySelector(".is-active");
  const close = () => {
    hits.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (item) => {
    active()?.classList.remove("is-active");
    if (!item) return input.removeAttribute("aria-activedescendant");
    item.classList.add("is-active");
    item.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", item.id);
  };
  const look = async () => {
    const mine = ++turn;
    const text = input.value.trim();
    if (!text) return close();
    try {
      const answer = await fetch(`${form.dataset.search}?q=${encodeURIComponent(text)}`, { headers: { "HX-Request": "true" } });
      const html = await answer.text();
      if (mine !== turn || document.activeElement !== input) return;
      if (!answer.ok) return close();
      hits.innerHTML = html;
      items().forEach((item, index) => {
        item.id = `hit-${index}`;
        item.setAttribute("role", "option");
        item.tabIndex = -1;
      });
      hits.hidden = false;
      input.setAttribute("aria-expanded", "true");
      mark(items()[0]);
    } catch {
      toast(form.dataset.offline, { tone: "bad" });
    }
  };
  input.addEventListener("input", (event) => {
    if (event.isComposing) return;
    clearTimeout(timer);
    timer = setTimeout(look, 160);
  });
  input.addEventListener("compositionend", () => {
    clearTimeout(timer);
    timer = setTimeout(look, 60);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const all = items();
    const at = all.indexOf(active());
    if (event.key === "ArrowDown" && all.length) {
      event.preventDefault();
      mark(all[Math.min(at + 1, all.length - 1)]);
    } else if (event.key === "ArrowUp" && all.length) {
      event.preventDefault();
      mark(all[Math.max(at - 1, 0)]);
    } else if (event.key === "Enter" && !hits.hidden && active()) {
      event.preventDefault();
      location.href = active().href;
    } else if (event.key === "Escape") {
      close();
      input.blur();
    }
  });
  input.addEventListener("focus", () => input.value.trim() && look());
  form.addEventListener("focusout", (event) => {
    if (!form.contains(event.relatedTarget)) close();
  });
  hits.addEventListener("mousedown", (event) => event.preventDefault());
}
