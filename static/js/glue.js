// The only file that knows htmx's event names (ux 1.3): a move to another version is this file and attributes.
import htmx from "htmx.org";
import { toast } from "./toast.js";

window.htmx = htmx;
htmx.config.includeIndicatorCSS = false;
htmx.config.prefix = "";
// A refusal or a fault is told, not put into the page; 422 is a form with errors and is swapped.
htmx.config.noSwap = [204, 304, 401, 403, 404, 409, 429, "5xx"];

const WORDS = document.documentElement.lang.startsWith("en")
  ? { offline: "The network is down; nothing was sent. Please try again.", signIn: "You were signed out. Please sign in again.", fault: "Something went wrong on our side; it was recorded." }
  : { offline: "网络不通，内容没有送出，请重试。", signIn: "登录已过期，请重新登录。", fault: "系统出错，已记录，请稍后再试。" };

// Runs on every element that arrived, now and later.
const arrivals = [];
export function onArrive(work) {
  arrivals.push(work);
  if (document.readyState !== "loading") work(document);
}
const announce = (root) => arrivals.forEach((work) => work(root));
document.addEventListener("DOMContentLoaded", () => announce(document));
document.addEventListener("htmx:after:swap", () => announce(document));

document.addEventListener("htmx:response:error", (event) => {
  const { response, text } = event.detail.ctx;
  if (response.status === 422) return;
  if (response.status === 401) return toast(WORDS.signIn, { tone: "bad" });
  const plain = (text ?? "").includes("<html") ? "" : (text ?? "").replace(/<[^>]+>/g, " ").replace(/\s+/g, " ").trim();
  toast(plain.slice(0, 200) || WORDS.fault, { tone: "bad" });
});
document.addEventListener("htmx:error", (event) => {
  if (event.detail.error?.name === "AbortError") return;
  if (event.detail.ctx) toast(WORDS.offline, { tone: "bad" });
});

// What answers may ask for by HX-Trigger.
document.addEventListener("toast", (event) => toast(event.detail.text, event.detail));
document.addEventListener("close-dialog", () => document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close()));

// A dialog button that loads its content opens the dialog when the content is there.
document.addEventListener("htmx:after:swap", (event) => {
  const source = event.detail.ctx?.sourceElement;
  const name = source?.dataset?.dialog;
  if (!name) return;
  const dialog = document.getElementById(name);
  if (dialog && !dialog.open) dialog.showModal();
});

// The buttons of a form that htmx sends are out of use while it is on its way.
document.addEventListener("htmx:before:request", (event) => setBusy(event.detail.ctx?.sourceElement, true));
document.addEventListener("htmx:finally:request", (event) => setBusy(event.detail.ctx?.sourceElement, false));
document.addEventListener("htmx:after:request", (event) => {
  const { sourceElement, response } = event.detail.ctx ?? {};
  if (sourceElement?.matches?.("form") && response?.status < 400) {
    sourceElement.dispatchEvent(new CustomEvent("sent", { bubbles: true }));
  }
});
function setBusy(source, busy) {
  if (!source?.matches?.("form")) return;
  for (const button of document.querySelectorAll(`button[type="submit"], button:not([type])`)) {
    if (button.form === source) button.disabled = busy;
  }
}

export const load = (url, target, swap = "innerHTML") => htmx.ajax("GET", url, { target, swap });
