// Forms with files: progress while sending, and nothing lost when the line breaks (htmx has no upload progress).
import { onArrive } from "./glue.js";

const english = document.documentElement.lang.startsWith("en");
const WORDS = english
  ? { sending: "Sending", working: "Received, checking…", failed: "The connection broke. Your input and files are still here.", retry: "Try again", big: "The file is larger than the server takes.", fault: "The server could not answer (%s). Please try again." }
  : { sending: "正在上传", working: "已收到，正在检查…", failed: "网络中断，内容和文件都还在。", retry: "重试", big: "文件超过服务器允许的大小。", fault: "服务器没有正常答复（%s），请重试。" };

function line(form) {
  form.querySelector(".upload-progress, .upload-failed")?.remove();
  const box = document.createElement("div");
  box.className = "upload-progress";
  box.setAttribute("role", "status");
  const words = document.createElement("span");
  const bar = document.createElement("progress");
  bar.max = 1;
  box.append(words, bar);
  form.append(box);
  return { box, words, bar };
}

function failed(form, text, submitter) {
  form.querySelector(".upload-progress")?.remove();
  const box = document.createElement("div");
  box.className = "upload-failed";
  box.setAttribute("role", "alert");
  const words = document.createElement("span");
  words.textContent = text;
  const again = document.createElement("button");
  again.type = "button";
  again.className = "btn";
  again.textContent = WORDS.retry;
  again.addEventListener("click", () => {
    box.remove();
    form.requestSubmit(submitter ?? undefined);
  });
  box.append(words, again);
  form.append(box);
}

function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const fresh = page.querySelector("main");
  const here = document.querySelector("main");
  if (!fresh || !here) return false;
  here.replaceWith(fresh);
  window.htmx?.process(fresh);
  document.dispatchEvent(new CustomEvent("htmx:after:swap", { detail: {} }));
  window.scrollTo(0, 0);
  return true;
}

function send(form, submitter) {
  const { box, words, bar } = line(form);
  const buttons = [...form.querySelectorAll("button")].filter((button) => !button.disabled);
  const data = new FormData(form);
  if (submitter?.name) data.append(submitter.name, submitter.value);
  buttons.forEach((button) => (button.disabled = true));
  const free = () => buttons.forEach((button) => (button.disabled = false));
  const request = new XMLHttpRequest();
  request.open("POST", form.getAttribute("action") || location.href);
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    bar.value = event.loaded / event.total;
    words.textContent = event.loaded < event.total ? `${WORDS.sending} ${Math.round(bar.value * 100)}%` : WORDS.working;
    if (event.loaded >= event.total) bar.removeAttribute("value");
  });
  request.addEventListener("error", () => {
    free();
    failed(form, WORDS.failed, submitter);
  });
  request.addEventListener("load", () => {
    free();
    box.remove();
    if (request.status === 413) return failed(form, WORDS.big, submitter);
    if (request.status === 422) return show(request.responseText) || failed(form, WORDS.fault.replace("%s", 422), submitter);
    if (request.status >= 400) return failed(form, WORDS.fault.replace("%s", request.status), submitter);
    form.dispatchEvent(new CustomEvent("sent", { bubbles: true }));
    // The browser followed the redirect inside XHR: go where the answer came from.
    if (request.responseURL === location.href) location.reload();
    else location.href = request.responseURL;
  });
  words.textContent = `${WORDS.sending} 0%`;
  request.send(data);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("form[data-upload]")) return;
  event.preventDefault();
  send(form, event.submitter);
});

document.addEventListener("change", (event) => {
  const zone = event.target.closest?.(".dropzone");
  if (!zone) return;
  const names = [...event.target.files].map((file) => `${file.name}（${(file.size / 1048576).toFixed(file.size > 1048576 ? 1 : 2)} MB）`);
  zone.querySelector(".picked").textContent = names.join("，");
});
onArrive((root) => {
  for (const zone of root.querySelectorAll?.(".dropzone") ?? []) {
    if (zone.dataset.ready) continue;
    zone.dataset.ready = "1";
    for (const kind of ["dragenter", "dragover"]) zone.addEventListener(kind, () => zone.classList.add("is-over"));
    for (const kind of ["dragleave", "drop"]) zone.addEventListener(kind, () => zone.classList.remove("is-over"));
  }
});
