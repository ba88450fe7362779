// Single keys press buttons that name them (data-key); never while typing or while an input method composes.
const off = document.body?.dataset.singleKeys === "0";
const typing = (target) => target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
let pending = "";

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    const form = event.target.closest?.("form") ?? document.querySelector("form[data-main-form]");
    const button = form?.querySelector("[data-submit-main]");
    if (button) {
      event.preventDefault();
      button.click();
    }
    return;
  }
  if (event.key === "Escape" && typing(event.target)) return event.target.blur();
  if (off || event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "/") {
    const search = document.querySelector("[data-search] input");
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
    return;
  }
  if (event.key === "?") return document.getElementById("keys")?.showModal();
  // Enter presses the one button that says so, unless something else that Enter works on has the focus.
  if (event.key === "Enter" && event.target.closest?.("a, button, summary, label") && !event.target.closest(".is-current")) return;
  const chord = pending + event.key;
  pending = event.key === "g" ? "g" : "";
  if (chord === "gg") return;
  const button = document.querySelector(event.key === "Enter" ? "[data-enter]" : `[data-key="${CSS.escape(chord)}"]`);
  if (button && !button.disabled && button.offsetParent !== null) {
    event.preventDefault();
    if (button.matches("textarea, input[type=text], input[type=search]")) button.focus();
    else button.click();
    // What folds out by key is filled in at once, without reaching for the mouse.
    if (button.matches("summary") && button.parentElement.open) button.parentElement.querySelector("textarea, input:not([type=hidden])")?.focus();
  }
});
