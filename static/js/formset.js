// Rows of a form set. The container carries data-formset="prefix", holds the management form, a <template> with the
// empty row, [data-formset-rows] for the rows and a [data-formset-add] button that also works as a plain submit.

function total(set) {
  return set.querySelector(`input[name="${set.dataset.formset}-TOTAL_FORMS"]`);
}

function add(set) {
  const counter = total(set);
  const template = set.querySelector("template");
  const index = Number(counter.value);
  const rows = set.querySelector("[data-formset-rows]");
  rows.insertAdjacentHTML("beforeend", template.innerHTML.replaceAll("__prefix__", String(index)));
  counter.value = String(index + 1);
  const row = rows.lastElementChild;
  window.htmx?.process(row);
  row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  announce(set);
}

// A row of an existing line is marked for deletion; one added just now is emptied by the same mark.
function remove(row) {
  const mark = row.querySelector("input[name$='-DELETE']");
  const set = row.closest("[data-formset]");
  const next = row.nextElementSibling ?? row.previousElementSibling;
  if (mark) {
    mark.checked = true;
    row.hidden = true;
  } else {
    for (const field of row.querySelectorAll("input, select, textarea")) field.disabled = true;
    row.hidden = true;
  }
  (next?.querySelector("input:not([type=hidden])") ?? set.querySelector("[data-formset-add]"))?.focus();
  announce(set);
}

function announce(set) {
  set.dispatchEvent(new Event("input", { bubbles: true }));
  set.dispatchEvent(new CustomEvent("formset:changed", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const adds = event.target.closest("[data-formset-add]");
  const removes = event.target.closest("[data-formset-remove]");
  if (adds) {
    event.preventDefault();
    add(adds.closest("[data-formset]"));
  } else if (removes) {
    event.preventDefault();
    remove(removes.closest("[data-formset-row]"));
  }
});
