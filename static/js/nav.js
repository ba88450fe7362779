// The rail on phones, rows that are links, cards without :has(), room for the sticky bar.
import { onArrive } from "./glue.js";

const rail = document.querySelector(".rail");
const shade = document.querySelector(".rail-shade");
const opener = document.querySelector(".menu-button");
function open(yes) {
  rail?.classList.toggle("is-open", yes);
  shade?.classList.toggle("is-open", yes);
  opener?.setAttribute("aria-expanded", String(yes));
  if (yes) rail.querySelector("a")?.focus();
  else opener?.focus();
}
opener?.addEventListener("click", () => open(!rail.classList.contains("is-open")));
shade?.addEventListener("click", () => open(false));
rail?.addEventListener("keydown", (event) => event.key === "Escape" && open(false));

document.addEventListener("click", (event) => {
  const row = event.target.closest?.("[data-href]");
  if (!row || event.target.closest("a, button, input, label, select, textarea, summary, td.tick")) return;
  if (window.getSelection()?.toString()) return;
  if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank", "noopener");
  else location.href = row.dataset.href;
});
onArrive((root) => {
  root.querySelectorAll?.("table.list-cards").forEach((table) => table.parentElement.classList.add("has-cards"));
  document.body.classList.toggle("has-phone-bar", Boolean(document.querySelector(".phone-bar")));
});

// Definitions of figures close when the next is opened or something else is clicked.
document.addEventListener("click", (event) => {
  document.querySelectorAll(".stat details[open]").forEach((details) => {
    if (!details.contains(event.target)) details.open = false;
  });
});
