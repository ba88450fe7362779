// A half-written note survives a closed tab; it goes when its form was sent.
import { onArrive } from "./glue.js";

const key = (field) => `draft:${field.dataset.draft}`;
function safely(work) {
  try {
    return work();
  } catch {
    return null; // private mode, or storage switched off: drafts are a courtesy
  }
}
document.addEventListener("input", (event) => {
  const field = event.target;
  if (field.dataset?.draft) safely(() => (field.value ? localStorage.setItem(key(field), field.value) : localStorage.removeItem(key(field))));
});
function forget(form) {
  form.querySelectorAll?.("[data-draft]").forEach((field) => safely(() => localStorage.removeItem(key(field))));
}
document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented && !event.target.matches("[data-upload]")) forget(event.target);
});
document.addEventListener("sent", (event) => forget(event.target));
onArrive((root) => {
  for (const field of root.querySelectorAll?.("[data-draft]") ?? []) {
    const draft = safely(() => localStorage.getItem(key(field)));
    if (draft && !field.value) field.value = draft;
  }
});
