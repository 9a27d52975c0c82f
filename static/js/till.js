// The till by keys and scanner. The search keeps the focus; a scanner types into it and ends with Enter. Function keys
// press what carries data-till-key; with nothing typed, Enter pays and + - Delete and the arrows work on the basket.

const till = document.querySelector("[data-till]");
const search = document.getElementById("till-search");
const sheet = document.getElementById("sheet");
const FIELDS = "input:not([type=hidden], [type=radio], [type=checkbox]), textarea, select";
// A scanner that ends a code with two keys sends the second at once; a person takes longer to press Enter again.
const ECHO = 250;
let typing = null;
let sentAt = 0;
let searched = null;
let sendingNext = false;
let payLater = false;
// What was scanned and isn't in the basket yet, oldest first. The first is on its way.
const scans = [];

const openDialog = () => [...document.querySelectorAll("dialog[open]")].at(-1);
const lines = () => [...document.querySelectorAll("[data-till-line]")];
const chosen = () => lines().find((line) => line.ariaCurrent === "true") ?? lines().at(-1);

// What was swapped in works at once: a key that follows within a moment must not lead away from the page.
htmx.config.defaultSettleDelay = 0;

// --- sound: a scan is heard without looking ---

let audio = null;
function tone(frequency, seconds) {
  audio ??= new AudioContext();
  const [oscillator, gain] = [audio.createOscillator(), audio.createGain()];
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(0.08, audio.currentTime);
  gain.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + seconds);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start();
  oscillator.stop(audio.currentTime + seconds);
}

// --- focus ---

function backToSearch() {
  // What arrives by itself takes nobody's field away while they write in it.
  const writing = document.activeElement?.matches(FIELDS) && document.activeElement !== search;
  if (openDialog() || writing) return;
  // A finger that pressed a product wants no keyboard over the shelf; a scanner types without one.
  if (matchMedia("(pointer: coarse)").matches) search.inputMode = "none";
  search.focus({ preventScroll: true });
}

function clearSearch() {
  search.value = "";
  clearTimeout(typing);
  if (searched) search.dispatchEvent(new CustomEvent("till:search"));
}

// --- scanning: faster than the answers, so codes stand in line; each is sent once, in order ---

function send(event) {
  if (!sendingNext) {
    clearTimeout(typing);
    const text = search.value.trim();
    if (text) scans.push(text);
    sentAt = performance.now();
    search.value = "";
    // Nothing was typed, or one is on its way: its answer sends the next.
    if (text && scans.length === 1) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}

function answered({ detail }) {
  if (detail.elt !== search.form) return;
  const text = scans.shift();
  const refused = !detail.xhr || detail.xhr.status === 0 || detail.xhr.status >= 400;
  if (scans.length) return void setTimeout(sendNext);
  const wanted = payLater && !refused;
  payLater = false;
  if (wanted) return void setTimeout(pay);
  // What was refused is shown again to be corrected, unless the next is being typed.
  if (refused && !search.value) {
    search.value = text ?? "";
    search.select();
  } else if (!search.value) clearSearch();
}

function sendNext() {
  sendingNext = true;
  search.form.requestSubmit();
  sendingNext = false;
}

// --- dialogs ---

function hush() {
  const said = document.getElementById("sheet-refusal");
  said.className = "";
  said.replaceChildren();
}

function showSheet() {
  if (!sheet.open) sheet.showModal();
  hush();
  const first = sheet.querySelector("[autofocus], [data-takes-focus]") ?? sheet.querySelector(FIELDS);
  first?.focus();
  first?.select?.();
}

function choose(line) {
  for (const each of lines()) each.removeAttribute("aria-current");
  line?.setAttribute("aria-current", "true");
  line?.scrollIntoView({ block: "nearest" });
}

// --- the basket by keys ---

function step(by) {
  const all = lines();
  const at = all.indexOf(chosen());
  choose(all[Math.min(Math.max(at + by, 0), all.length - 1)]);
}

// What was scanned is paid too: the payment waits until it is in the basket.
function pay() {
  payLater = scans.length > 0;
  if (!payLater) document.querySelector("[data-till-pay]:not(.disabled)")?.click();
}

const withNothingTyped = {
  Enter: pay,
  ArrowUp: () => step(-1),
  ArrowDown: () => step(1),
  "+": () => chosen()?.querySelector("[data-till-more]").click(),
  "-": () => chosen()?.querySelector("[data-till-less]").click(),
  Delete: () => setQuantity(chosen(), "0"),
  "?": () => document.getElementById("till-keys").showModal(),
};

function setQuantity(line, quantity) {
  const field = line?.querySelector(".till-count");
  if (!field) return;
  field.value = quantity;
  field.form.requestSubmit();
}

function pressed(key) {
  const found = [...document.querySelectorAll(`[data-till-key="${CSS.escape(key)}"]`)];
  return found.find((each) => each.checkVisibility() && !each.disabled && !each.classList.contains("disabled"));
}

function press(event) {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^F\d+$/.test(event.key)) return pressFunction(event);
  if (openDialog()) return;
  if (event.key === "Escape") {
    clearSearch();
    return backToSearch();
  }
  const elsewhere = event.target.matches(FIELDS) && event.target !== search;
  if (elsewhere) return;
  if (event.key === "Enter" && !search.value && performance.now() - sentAt < ECHO) return event.preventDefault();
  if (!search.value && withNothingTyped[event.key] && (event.target === search || event.key !== "Enter")) {
    event.preventDefault();
    withNothingTyped[event.key]();
  } else if (event.target !== search && event.key.length === 1 && event.key !== " ") {
    search.focus();
  }
}

function pressFunction(event) {
  if (openDialog()) return;
  const line = event.key === "F3" ? chosen()?.querySelector("[data-till-discount]") : null;
  const found = line ?? pressed(event.key);
  if (!found) return;
  event.preventDefault();
  if (found.matches("[data-till-pay]")) pay();
  else found.click();
}

// --- the page's own events ---

function swapped({ detail }) {
  const target = detail.target;
  if (target.id === "sheet-body" || target.closest("#sheet-body")) return showSheet();
  if (target.id === "refusal") refuse();
}

// A refusal is said where one looks: in the open sheet, else above the products.
function refuse() {
  const said = document.getElementById("refusal");
  if (!said?.firstElementChild) return;
  tone(180, 0.25);
  if (sheet.open) {
    document.getElementById("sheet-refusal").replaceChildren(...said.cloneNode(true).children);
    document.getElementById("sheet-refusal").className = said.className;
    said.className = "";
    said.replaceChildren();
  } else {
    search.select();
  }
}

// Notes lie below an open sheet: that no answer came is said in it.
function lost() {
  if (!sheet.open) return;
  const place = document.getElementById("sheet-refusal");
  place.className = "callout callout-attention";
  place.textContent = place.dataset.lost;
}

const happened = {
  "till:added": ({ target }) => {
    tone(1200, 0.06);
    // What was searched for is in the basket now. After a scan the next one may be half typed already: it stays.
    if (target !== search.form && search.value === searched) clearSearch();
    const said = document.getElementById("refusal");
    said.className = "";
    said.replaceChildren();
    document.querySelector("[data-till-line][aria-current]")?.scrollIntoView({ block: "nearest" });
  },
  "till:close": () => sheet.close(),
  "till:level": () => document.body.dispatchEvent(new CustomEvent("till:shelf")),
  "till:sold": () => tone(880, 0.12),
  "till:reload": () => location.reload(),
};

if (till) {
  document.addEventListener("keydown", press);
  for (const [name, then] of Object.entries(happened)) document.body.addEventListener(name, then);
  document.addEventListener("htmx:afterSettle", swapped);
  document.addEventListener("htmx:afterSettle", backToSearch);
  // After a sale the page begins anew: the basket, the shelf and the clock are fresh.
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("close", () => (sheet.querySelector("[data-till-done]") ? location.assign(location.pathname) : backToSearch()));
  }
  document.addEventListener("click", (event) => {
    const opens = event.target.closest("[data-till-opens]");
    if (opens) document.getElementById(opens.dataset.tillOpens).showModal();
    const line = event.target.closest("[data-till-line]");
    if (line) choose(line);
  });
  // A scanner is faster than the pause after which words are looked up.
  search.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => search.dispatchEvent(new CustomEvent("till:search")), 220);
  });
  document.addEventListener("submit", (event) => event.target === search.form && send(event), true);
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (detail.elt === search.form) detail.parameters.q = scans[0];
    else if (detail.elt === search) searched = search.value;
  });
  document.addEventListener("htmx:afterRequest", answered);
  document.addEventListener("htmx:sendError", lost);
  search.addEventListener("pointerdown", () => search.removeAttribute("inputmode"));
  // Enter after a name chooses the first who is found.
  sheet.addEventListener("submit", (event) => {
    if (event.target.method !== "get") return;
    event.preventDefault();
    const options = [...sheet.querySelectorAll(".till-option")];
    options.find((each) => each.form.elements.customer?.value)?.click();
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches(".till-count")) event.target.form.requestSubmit();
  });
  backToSearch();
}
