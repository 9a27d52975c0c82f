// One key, one thing: pressing the key named in data-key does what a click on that element does.
// Several keys are separated by spaces: data-key="/ ctrl+k". Keys are ignored while somebody types.

const TYPING = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]";
const FIELD = "input:not([type=hidden]), textarea, select";

// On an Arabic or Cyrillic keyboard the V key gives another letter: go by its place then.
function letter(event) {
  if (/^[\x21-\x7e]$/.test(event.key) || event.key.length > 1) return event.key.toLowerCase();
  return /^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : event.key;
}

function combination(event) {
  const control = event.ctrlKey || event.metaKey;
  if (event.altKey) return null;
  return (control ? "ctrl+" : "") + letter(event);
}

function target(key) {
  const modal = [...document.querySelectorAll("dialog[open]")].findLast((each) => each.matches(":modal"));
  const candidates = (modal ?? document).querySelectorAll(`[data-key~="${CSS.escape(key)}"]`);
  return [...candidates].find((each) => each.checkVisibility() && !each.disabled);
}

function press(event) {
  if (event.defaultPrevented || event.isComposing) return;
  const key = combination(event);
  if (!key || (event.target.closest?.(TYPING) && !key.startsWith("ctrl+"))) return;
  if (event.repeat && key !== "j" && key !== "k") return;
  const found = target(key);
  if (!found) return;
  event.preventDefault();
  if (found.matches(TYPING)) found.focus();
  else found.click();
  if (found.matches("summary")) enter(found.parentElement);
}

// What a key opened is written in next.
function enter(details) {
  const field = details.open ? details.querySelector(FIELD) : null;
  (field ?? details.querySelector("summary")).focus();
}

document.addEventListener("keydown", press);
