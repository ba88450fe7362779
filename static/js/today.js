// 今日: the list on the left drives the panel on the right. j and k move, Enter opens, saving leads to the next below.
import { onArrive } from "./glue.js";

const list = () => document.querySelector("[data-rows]");
const rows = () => [...(list()?.querySelectorAll("[data-row]") ?? [])];
const current = () => list()?.querySelector("[data-row].is-current");

function move(step) {
  const all = rows();
  const at = all.indexOf(current());
  const next = all[Math.max(0, Math.min(all.length - 1, at + step))];
  if (next && next !== current()) next.querySelector("a[data-open]")?.click();
}
document.addEventListener("keydown", (event) => {
  if (!list() || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.body.dataset.singleKeys === "0" || document.querySelector("dialog[open]")) return;
  if (event.target.closest("textarea, select, input:not([type=checkbox]):not([type=radio])")) return;
  if (event.key === "j" || event.key === "ArrowDown") {
    if (event.key === "ArrowDown" && event.target.closest("[type=radio]")) return;
    event.preventDefault();
    move(1);
  } else if (event.key === "k" || event.key === "ArrowUp") {
    if (event.key === "ArrowUp" && event.target.closest("[type=radio]")) return;
    event.preventDefault();
    move(-1);
  } else if (event.key === "x") {
    current()?.querySelector("[data-tick]")?.click();
  }
});

// The panel says which household it shows; the list follows, also after "save and next".
function follow() {
  const panel = document.querySelector("[data-panel-of]");
  if (!panel || !list()) return;
  for (const row of rows()) {
    const mine = row.dataset.row === panel.dataset.panelOf;
    row.classList.toggle("is-current", mine);
    const link = row.querySelector("a[data-open]");
    if (mine) {
      link?.setAttribute("aria-current", "true");
      row.scrollIntoView({ block: "nearest" });
    } else link?.removeAttribute("aria-current");
  }
}
onArrive(follow);
document.addEventListener("panel-changed", () => {
  const heading = document.querySelector("[data-panel-of] h2");
  heading?.focus({ preventScroll: true });
  document.querySelector(".today-panel")?.scrollTo(0, 0);
  if (matchMedia("(max-width: 860px)").matches) window.scrollTo(0, 0);
});

// On phones list and household are two screens; the back button of the phone works because the address changes.
document.addEventListener("click", (event) => {
  const back = event.target.closest("[data-back-to-list]");
  if (!back) return;
  event.preventDefault();
  document.body.classList.remove("shows-panel");
  history.pushState({}, "", back.href);
});
document.addEventListener("click", (event) => {
  if (event.target.closest("a[data-open], [data-open-panel]")) document.body.classList.add("shows-panel");
});
window.addEventListener("popstate", () => {
  if (list()) location.reload();
});
