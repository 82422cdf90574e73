// htmx: CSRF on every request, clean filter addresses, waiting marks, and answers that are not fragments.

document.documentElement.classList.add("scripted");

const texts = () => document.getElementById("texts").dataset;
const toast = (tone, text) => document.dispatchEvent(new CustomEvent("toast", { detail: { tone, text } }));
const FRAGMENT_ERRORS = new Set([409, 422]);

document.addEventListener("htmx:configRequest", (event) => {
  const { detail } = event;
  detail.headers["X-CSRFToken"] = document.querySelector('meta[name="csrf-token"]').content;
  if (event.target.matches("form[data-filter]")) {
    for (const [name, value] of [...detail.formData]) {
      if (value === "") detail.formData.delete(name);
    }
  }
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const { detail } = event;
  const polled = detail.elt.closest("[hx-trigger^='every']");
  if (polled && document.querySelector("dialog:modal")) {
    event.preventDefault();
    return;
  }
  if (!polled && detail.target && detail.target !== document.body) {
    detail.target.classList.add("is-waiting");
    detail.target.setAttribute("aria-busy", "true");
  }
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  detail.target?.classList.remove("is-waiting");
  detail.target?.removeAttribute("aria-busy");
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { xhr } = detail;
  const isHtml = (xhr.getResponseHeader("Content-Type") || "").startsWith("text/html");
  if (isHtml && /^\s*<!doctype/i.test(xhr.responseText)) {
    detail.shouldSwap = false;
    if (xhr.status < 400) window.location.assign(xhr.responseURL);
    return;
  }
  if (isHtml && FRAGMENT_ERRORS.has(xhr.status)) {
    detail.shouldSwap = true;
    detail.isError = false;
  }
});

const unfolded = new Set();

document.addEventListener(
  "toggle",
  ({ target }) => {
    if (!target.id || !target.isConnected) return;
    if (target.open) unfolded.add(target.id);
    else unfolded.delete(target.id);
  },
  true,
);

document.addEventListener("htmx:load", ({ target }) => {
  for (const fold of target.querySelectorAll("details[id]")) {
    if (unfolded.has(fold.id)) fold.open = true;
  }
});

document.addEventListener("htmx:responseError", ({ detail }) => {
  const words = { 401: texts().signedOut, 403: texts().forbidden };
  toast("danger", words[detail.xhr.status] || texts().failed);
});

document.addEventListener("htmx:sendError", () => toast("danger", texts().offline));
