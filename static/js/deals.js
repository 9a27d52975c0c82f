// Forms of deals: what doesn't matter for what is chosen steps aside. Without scripts all of it stands there.

function value(form, name) {
  const field = form.elements[name];
  return field ? field.value : "";
}

function shown(form, rule, wanted) {
  const [name, text] = rule.split("=");
  return (value(form, name) === text) === wanted;
}

function arrange(form) {
  for (const part of form.querySelectorAll("[data-shown-if]")) part.hidden = !shown(form, part.dataset.shownIf, true);
  for (const part of form.querySelectorAll("[data-shown-unless]")) part.hidden = !shown(form, part.dataset.shownUnless, false);
}

// "All of it" fills in the deal's value, until somebody writes another amount.
function fill(form) {
  const amount = form.elements["first-amount"];
  if (!amount || (amount.value && amount.value !== amount.dataset.filled)) return;
  const all = value(form, "first-kind") === "all" ? value(form, "value") : "";
  if (all || amount.dataset.filled) amount.value = amount.dataset.filled = all;
}

for (const form of document.querySelectorAll("form[data-deal]")) {
  arrange(form);
  form.addEventListener("input", () => {
    arrange(form);
    fill(form);
  });
}
