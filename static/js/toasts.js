// Notes: from the header HX-Trigger {"prs:toast": {text, meaning}}, from out-of-band parts, and when the server fails.

const region = document.getElementById("toasts");
const words = document.getElementById("words")?.dataset ?? {};
const STAY = 7000;

function say(text, meaning = "waiting") {
  const template = document.getElementById(`toast-${meaning}`) ?? document.getElementById("toast-waiting");
  const note = template.content.firstElementChild.cloneNode(true);
  note.querySelector(".note-text").textContent = text;
  region.append(note);
}

// What went wrong stays until it was read; the rest leaves by itself unless the reader is on it.
function leaveLater(note) {
  if (note.matches(".note-stopped, .note-attention")) return;
  let timer = setTimeout(() => note.remove(), STAY);
  const hold = () => clearTimeout(timer);
  const go = () => {
    timer = setTimeout(() => note.remove(), STAY / 2);
  };
  note.addEventListener("pointerenter", hold);
  note.addEventListener("pointerleave", go);
  note.addEventListener("focusin", hold);
  note.addEventListener("focusout", go);
}

// An error answers with a part that carries a sentence (errors/_error.html); the page itself stays as it is.
function sentenceOf(answer) {
  const page = new DOMParser().parseFromString(answer, "text/html");
  return page.querySelector("[data-sentence]")?.textContent.trim();
}

if (region) {
  new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) if (node.matches?.("[data-note]")) leaveLater(node);
    }
  }).observe(region, { childList: true });
  region.querySelectorAll("[data-note]").forEach(leaveLater);
  region.addEventListener("click", (event) => {
    if (event.target.closest("[data-dismiss]")) event.target.closest("[data-note]").remove();
  });
  document.addEventListener("prs:toast", (event) => say(event.detail.text, event.detail.meaning));
  document.addEventListener("htmx:responseError", (event) => {
    say(sentenceOf(event.detail.xhr.responseText) ?? words.refused, "stopped");
  });
  document.addEventListener("htmx:sendError", () => say(words.failed, "stopped"));
}
