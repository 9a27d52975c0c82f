// Forms: Ctrl-Enter saves, a second press does nothing, and what was typed is not lost by accident.

const dirty = new Set();

function guarded(form) {
  return form?.matches("form.form, form[data-guard]");
}

function saveByKey(event) {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest("form");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("[type=submit]:not(:disabled)"));
}

// The server refuses the second of two equal posts anyway; this only spares the reader its answer.
function once(event) {
  const form = event.target;
  if (event.defaultPrevented) return;
  if (form.dataset.sent) return event.preventDefault();
  // A field may be called "method": ask for the attribute, not for the property.
  if (form.getAttribute("method")?.toLowerCase() !== "post" || form.hasAttribute("target")) return;
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
  // An answer that is a download leaves the page where it is.
  setTimeout(again, 8_000);
  dirty.delete(form);
}

function again() {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  }
}

document.addEventListener("keydown", saveByKey);
document.addEventListener("submit", once);
document.addEventListener("input", (event) => {
  const form = event.target.closest("form");
  if (guarded(form)) dirty.add(form);
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) dirty.delete(event.target.closest?.("form"));
  again();
});
window.addEventListener("pageshow", again);
window.addEventListener("beforeunload", (event) => {
  if ([...dirty].some((form) => form.isConnected)) event.preventDefault();
});
