// A scanner writes a code and Enter into [data-scan-box]. The code becomes a row of the form set around it; the same
// code again counts one more in its row. The server finds the product when the form is sent.

function fields(row) {
  return {
    product: row.querySelector("[data-product]"),
    quantity: row.querySelector("input[name$='-quantity']"),
  };
}

function rowsOf(set) {
  return [...set.querySelectorAll("[data-formset-row]")].filter((row) => !row.hidden);
}

function take(set, code) {
  const said = set.querySelector("[data-scan-said]");
  const same = rowsOf(set).find((row) => {
    const { product } = fields(row);
    return product.value === code || product.value.endsWith(` · ${code}`) || product.dataset.code === code;
  });
  if (same) {
    const { product, quantity } = fields(same);
    quantity.value = String((Number(quantity.value) || 0) + 1);
    said.textContent = `${said.dataset.again} ${product.value} × ${quantity.value}`;
    return;
  }
  let row = rowsOf(set).find((each) => !fields(each).product.value);
  if (!row) {
    set.querySelector("[data-formset-add]").click();
    row = rowsOf(set).at(-1);
  }
  const { product, quantity } = fields(row);
  product.value = code;
  product.dataset.code = code;
  quantity.value = quantity.value || "1";
  said.textContent = `${said.dataset.added} ${code}`;
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches?.("[data-scan-box]")) return;
  event.preventDefault();
  const code = event.target.value.trim();
  event.target.value = "";
  if (code) take(event.target.closest("[data-scan-lines]"), code);
  event.target.focus();
});
