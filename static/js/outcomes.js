// Outcome buttons: choosing one shows the fields it needs. Without script every field is visible.
import { onArrive } from "./glue.js";

function choose(group) {
  const form = group.closest("form");
  const chosen = group.querySelector("input:checked");
  for (const label of group.querySelectorAll(".outcome")) label.classList.toggle("is-chosen", label.contains(chosen));
  if (!form) return;
  const needs = (chosen?.dataset.needs ?? "").split(" ").filter(Boolean);
  for (const box of form.querySelectorAll("[data-needed-by]")) {
    const shown = needs.includes(box.dataset.neededBy) || box.querySelector(".error");
    box.hidden = !shown;
    for (const field of box.querySelectorAll("input, textarea, select")) field.disabled = !shown;
  }
}
document.addEventListener("change", (event) => {
  const group = event.target.closest?.(".outcomes");
  if (!group) return;
  choose(group);
});
onArrive((root) => root.querySelectorAll?.(".outcomes").forEach(choose));
