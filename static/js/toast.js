// Short notes at the edge of the screen; the region is role=status and in the page from the start.
const english = document.documentElement.lang.startsWith("en");

export function toast(text, { tone = "", undo = "", seconds = undo ? 10 : 6 } = {}) {
  const region = document.querySelector(".toasts");
  if (!region || !text) return;
  const note = document.createElement("div");
  note.className = `toast-note${tone ? ` is-${tone}` : ""}`;
  const words = document.createElement("span");
  words.textContent = text;
  note.append(words);
  if (undo) note.append(undoButton(undo, note));
  note.append(shutButton(note));
  region.append(note);
  setTimeout(() => note.remove(), (tone === "bad" ? 12 : seconds) * 1000);
}

function undoButton(url, note) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "undo";
  button.textContent = english ? "Undo" : "撤销";
  button.addEventListener("click", () => {
    const form = document.createElement("form");
    form.method = "post";
    form.action = url;
    const token = document.createElement("input");
    token.type = "hidden";
    token.name = "csrfmiddlewaretoken";
    token.value = document.body.dataset.csrf ?? "";
    form.append(token);
    document.body.append(form);
    form.submit();
    note.remove();
  });
  return button;
}

function shutButton(note) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "shut push";
  button.setAttribute("aria-label", english ? "Close" : "关闭");
  button.textContent = "✕";
  button.addEventListener("click", () => note.remove());
  return button;
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[data-toast]").forEach((item) => toast(item.dataset.toast, { tone: item.dataset.tone }));
});
