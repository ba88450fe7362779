// Small courtesies of forms: no double submit, filters that send themselves, quick dates, tidy money.
import { onArrive } from "./glue.js";

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.matches("[hx-post], [data-upload], [target=_blank]")) return;
  // After this turn, so that the pressed button's own name and value are still sent.
  setTimeout(() => {
    for (const button of form.querySelectorAll('button[type="submit"], button:not([type])')) button.disabled = true;
  }, 0);
});
// Coming back with the browser's back button must not find dead buttons.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form button:disabled").forEach((button) => (button.disabled = false));
});

let waiting;
function send(form) {
  clearTimeout(waiting);
  form.requestSubmit();
}
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-auto-submit]");
  if (form && event.target.type !== "search") send(form);
});
document.addEventListener("submit", (event) => {
  // Short addresses: what is empty does not appear in the query string.
  const form = event.target;
  if (!form.matches("form[data-auto-submit]")) return;
  for (const field of form.elements) if (field.name && field.value === "") field.disabled = true;
  setTimeout(() => [...form.elements].forEach((field) => (field.disabled = false)), 0);
});

const iso = (day) => `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, "0")}-${String(day.getDate()).padStart(2, "0")}`;
function quickDay(name, base) {
  const day = new Date(`${base}T12:00:00`);
  if (name === "tomorrow") day.setDate(day.getDate() + 1);
  if (name === "friday") day.setDate(day.getDate() + (((5 - day.getDay() + 7) % 7) || 7));
  if (name === "week") day.setDate(day.getDate() + 7);
  if (name === "month-end") day.setMonth(day.getMonth() + 1, 0);
  if (name === "payday") day.setMonth(day.getMonth() + (day.getDate() >= 15 ? 1 : 0), 15);
  return iso(day);
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-quick-day]");
  if (!button) return;
  const field = document.getElementById(button.closest("[data-for]").dataset.for);
  field.value = quickDay(button.dataset.quickDay, document.body.dataset.today);
  field.dispatchEvent(new Event("change", { bubbles: true }));
  field.focus();
});

// "¥1,234.50 元" pasted into a money field becomes 1234.50.
document.addEventListener("focusout", (event) => {
  if (!event.target.matches?.("input.money")) return;
  const plain = event.target.value.replace(/[¥￥元,，\s]/g, "");
  if (plain && Number.isFinite(Number(plain))) event.target.value = Number(plain).toFixed(2);
});

onArrive((root) => {
  const summary = root.querySelector?.(".error-summary:not([data-seen])");
  if (summary) {
    summary.dataset.seen = "1";
    summary.focus();
  }
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button || !navigator.clipboard) return;
  const source = document.getElementById(button.dataset.copy);
  navigator.clipboard.writeText(source ? source.textContent.trim() : button.dataset.copyText).then(() => {
    button.dispatchEvent(new CustomEvent("toast", { bubbles: true, detail: { text: button.dataset.copied, tone: "good" } }));
  });
});
