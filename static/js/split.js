// A sum split into parts: what is still missing is said while typing, and only the whole can be sent.
import { onArrive } from "./glue.js";

function count(form) {
  const parts = [...form.querySelectorAll("[data-part]")].map((part) => Math.round(Number(part.value.replace(/[¥￥元,，\s]/g, "")) * 100));
  const rest = Math.round(Number(form.dataset.addsUp) * 100) - parts.reduce((sum, part) => sum + part, 0);
  const place = form.querySelector("[data-rest]");
  place.textContent = Number.isFinite(rest) ? (rest / 100).toFixed(2) : "—";
  place.classList.toggle("owed", rest !== 0);
  const button = form.querySelector("[data-submit-main]");
  if (button) button.disabled = rest !== 0 || parts.length === 0;
}
document.addEventListener("input", (event) => {
  const form = event.target.closest?.("[data-adds-up]");
  if (form) count(form);
});
onArrive((root) => root.querySelectorAll?.("[data-adds-up]").forEach(count));
