// What the lines of an entry come to while they are written. The server decides; this only shows the difference.

function typed(text) {
  const clean = text.replace(/[\s'’]/g, "");
  const match = clean.match(/^(-?[\d.,]*?)(?:[.,](\d{1,2}|\d{4}))?$/);
  if (!match) return 0;
  return Number(`${match[1].replace(/[.,]/g, "") || "0"}.${match[2] ?? "0"}`) || 0;
}

function sum(set, name) {
  let total = 0;
  for (const row of set.querySelectorAll("[data-formset-row]")) {
    if (row.hidden || row.closest("template")) continue;
    const field = row.querySelector(`input[name$="-${name}"]`);
    if (field) total += typed(field.value);
  }
  return Math.round(total * 100) / 100;
}

function show(set) {
  const debit = sum(set, "debit");
  const credit = sum(set, "credit");
  const write = (value) => value.toLocaleString(document.documentElement.lang, { minimumFractionDigits: 2 });
  const difference = Math.round((debit - credit) * 100) / 100;
  const state = set.querySelector("[data-entry-state]");
  set.querySelector("[data-entry-debit]").textContent = write(debit);
  set.querySelector("[data-entry-credit]").textContent = write(credit);
  state.textContent = difference
    ? `${state.dataset.differs} ${write(Math.abs(difference))}`
    : debit
      ? state.dataset.balanced
      : "";
  state.classList.toggle("is-off", Boolean(difference));
}

for (const set of document.querySelectorAll("[data-entry]")) {
  set.addEventListener("input", () => show(set));
  show(set);
}
