// Ticked rows and the bar that acts on them; shift-click ticks a range.
import { onArrive } from "./glue.js";

let last;
const ticks = (form) => [...form.querySelectorAll("[data-tick]:not(:disabled)")];

function refresh(form) {
  const all = ticks(form);
  const chosen = all.filter((tick) => tick.checked);
  const bar = form.querySelector(".bulk-bar");
  if (bar) bar.hidden = chosen.length === 0;
  form.querySelectorAll("[data-bulk-count]").forEach((place) => (place.textContent = chosen.length));
  const everything = form.querySelector("[data-tick-all]");
  if (everything) {
    everything.checked = all.length > 0 && chosen.length === all.length;
    everything.indeterminate = chosen.length > 0 && chosen.length < all.length;
  }
}

document.addEventListener("click", (event) => {
  const tick = event.target.closest?.("[data-tick], [data-tick-all]");
  const form = tick?.closest("[data-bulk]");
  if (!form) return;
  if (tick.matches("[data-tick-all]")) ticks(form).forEach((each) => (each.checked = tick.checked));
  else {
    const all = ticks(form);
    if (event.shiftKey && last && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(tick)].sort((a, b) => a - b);
      all.slice(from, to + 1).forEach((each) => (each.checked = tick.checked));
    }
    last = tick;
  }
  refresh(form);
});
onArrive((root) => root.querySelectorAll?.("[data-bulk]").forEach(refresh));
