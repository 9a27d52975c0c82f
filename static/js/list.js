// Keys of a list (J, K, X; Enter follows the link by itself) and the bar for the rows picked.

const TYPING = "input:not([type=checkbox]), textarea, select, [contenteditable]";
let last = -1;
let anchor = null;
let held = [];

function rows() {
  return [...document.querySelectorAll(".list tbody tr:has(.row-link)")];
}

function rowHere() {
  return document.activeElement?.closest(".list tbody tr");
}

function show(row) {
  for (const each of document.querySelectorAll(".list tr.is-here")) each.classList.remove("is-here");
  row?.classList.add("is-here");
}

function step(by) {
  const all = rows();
  if (!all.length) return;
  const from = rowHere() ? all.indexOf(rowHere()) : last;
  last = Math.max(0, Math.min(all.length - 1, from + by));
  all[last].querySelector(".row-link").focus({ preventScroll: true });
  all[last].scrollIntoView({ block: "nearest" });
  show(all[last]);
}

function boxes() {
  return [...document.querySelectorAll(".list tbody .pick input[type=checkbox]")];
}

function pick() {
  const row = rowHere() ?? rows()[last];
  const box = row?.querySelector(".pick input[type=checkbox]");
  if (!box) return;
  box.checked = !box.checked;
  count();
}

function count() {
  const picked = boxes().filter((box) => box.checked).length;
  const bar = document.querySelector("[data-bulk]");
  const all = document.querySelector("[data-pick-all]");
  if (all) {
    all.checked = picked > 0 && picked === boxes().length;
    all.indeterminate = picked > 0 && !all.checked;
  }
  if (!bar) return;
  const words = bar.querySelector("[data-bulk-count]");
  bar.classList.toggle("is-open", picked > 0);
  words.textContent = picked === 1 ? words.dataset.one : words.dataset.many.replace("{count}", picked);
}

function setAll(checked) {
  for (const box of boxes()) box.checked = checked;
  count();
}

// Shift and a click pick everything between this box and the one before.
function range(event) {
  const box = event.target.closest?.(".list tbody .pick input[type=checkbox]");
  if (!box) return;
  const all = boxes();
  if (event.shiftKey && anchor && all.includes(anchor)) {
    const [from, to] = [all.indexOf(anchor), all.indexOf(box)].sort((a, b) => a - b);
    for (const each of all.slice(from, to + 1)) each.checked = box.checked;
  }
  anchor = box;
  count();
}

function press(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.(TYPING) || document.querySelector("dialog[open]")) return;
  const act = { j: () => step(1), k: () => step(-1), x: pick }[event.key.toLowerCase()];
  if (act && rows().length) {
    event.preventDefault();
    act();
  } else if (event.key === "Escape" && document.querySelector("[data-bulk].is-open")) {
    setAll(false);
  }
}

document.addEventListener("keydown", press);
document.addEventListener("click", (event) => {
  range(event);
  if (event.target.closest("[data-bulk-clear]")) setAll(false);
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-pick-all]")) setAll(event.target.checked);
});
// Rows that refresh by themselves stay picked.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target.id === "list-rows") held = boxes().filter((box) => box.checked).map((box) => box.value);
});
document.addEventListener("htmx:afterSettle", () => {
  for (const box of boxes()) box.checked ||= held.includes(box.value);
  held = [];
  count();
});
document.addEventListener("focusout", (event) => event.target.closest?.("tr.is-here")?.classList.remove("is-here"));
count();
