// Native dialogs, and one question before an act that deserves it (data-confirm).
const english = document.documentElement.lang.startsWith("en");

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener && !opener.matches("[hx-get], [hx-post]")) {
    const dialog = document.getElementById(opener.dataset.dialog);
    if (dialog && !dialog.open) {
      event.preventDefault();
      dialog.showModal();
    }
  }
  const closer = event.target.closest("[data-close]");
  if (closer) closer.closest("dialog")?.close();
  if (event.target instanceof HTMLDialogElement && event.target.open && !event.target.matches("[data-stay]")) {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) event.target.close();
  }
});

export function ask(question, { yes = english ? "Continue" : "确定", no = english ? "Cancel" : "取消" } = {}) {
  return new Promise((resolve) => {
    const dialog = document.createElement("dialog");
    dialog.className = "dialog";
    dialog.setAttribute("role", "alertdialog");
    const words = document.createElement("p");
    words.textContent = question;
    words.id = "question";
    dialog.setAttribute("aria-labelledby", "question");
    const buttons = document.createElement("div");
    buttons.className = "dialog-actions";
    const choice = (text, look, value) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = look;
      button.textContent = text;
      button.addEventListener("click", () => dialog.close(value));
      return button;
    };
    const go = choice(yes, "btn btn-primary", "yes");
    buttons.append(choice(no, "btn", ""), go);
    dialog.append(words, buttons);
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
    go.focus();
  });
}

const agreed = new WeakSet();
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
    if (!question) return;
    if (agreed.delete(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const submitter = event.submitter;
    ask(question).then((yes) => {
      if (!yes) return;
      agreed.add(form);
      form.requestSubmit(submitter ?? undefined);
    });
  },
  true,
);
