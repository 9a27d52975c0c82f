// The money dialog: letters choose how it is paid, "rest" fills in what is missing, and the change is shown at once.
// The server counts again; here it is only shown.

const figure = (text) => {
  const plain = text.replace(/[^\d.,-]/g, "");
  const last = Math.max(plain.lastIndexOf("."), plain.lastIndexOf(","));
  const decimals = last < 0 ? 0 : plain.length - last - 1;
  const whole = plain.replace(/[.,]/g, "");
  return decimals === 3 && plain.match(/[.,]/g).length === 1 ? Number(whole) : Number(whole) / 10 ** (last < 0 ? 0 : decimals);
};

const dialog = () => document.querySelector("[data-till-paying]");

function fields(pay) {
  return [...pay.querySelectorAll("[data-till-tender]")].map((row) => ({
    method: row.dataset.tillTender,
    input: row.querySelector("[name=amount]"),
  }));
}

function state(pay) {
  const due = Number(pay.dataset.due);
  const step = Number(pay.dataset.step);
  const rows = fields(pay).map(({ method, input }) => ({ method, input, amount: figure(input.value) || 0 }));
  const cash = rows.filter((row) => row.method === "cash").reduce((sum, row) => sum + row.amount, 0);
  const others = rows.filter((row) => row.method !== "cash").reduce((sum, row) => sum + row.amount, 0);
  const rest = due - others;
  const coins = step > 0 && (cash || !others) ? Math.round(rest / step) * step : rest;
  return { left: Math.round((cash - coins) * 1e4) / 1e4, rest, coins };
}

function show(pay) {
  const { left } = state(pay);
  const line = pay.querySelector(".till-left");
  const word = pay.querySelector("[data-till-left-word]");
  const credit = pay.querySelector("[data-till-credit]")?.checked;
  const kind = left >= 0 ? "change" : credit ? "credit" : "missing";
  line.dataset.state = kind;
  word.textContent = word.dataset[kind];
  const decimals = (pay.dataset.due.split(".")[1] ?? "").replace(/0+$/, "").length;
  const digits = { minimumFractionDigits: Math.max(decimals, 2), maximumFractionDigits: Math.max(decimals, 2) };
  pay.querySelector("[data-till-left]").textContent = Math.abs(left).toLocaleString(document.documentElement.lang, digits);
}

function write(input, amount) {
  const places = Math.abs(amount % 1) > 1e-9 ? 2 : 0;
  input.value = amount > 0 ? amount.toLocaleString(document.documentElement.lang, { useGrouping: false, minimumFractionDigits: places, maximumFractionDigits: 4 }) : "";
}

function fill(pay, row) {
  const input = row.querySelector("[name=amount]");
  input.value = "";
  const others = fields(pay).filter((each) => each.input !== input && each.method === "cash");
  // What was put into cash at first is a proposal; another way takes its place.
  for (const each of others) if (each.input.value === each.input.defaultValue) each.input.value = "";
  const { left } = state(pay);
  write(input, -left);
  input.focus();
  input.select();
  show(pay);
}

function letter(event) {
  const pay = dialog();
  if (!pay || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("[name=reference], [name=override_reason], [type=password], select")) return;
  const key = event.key.toLowerCase();
  if (key === "r" && pay.querySelector("[data-till-credit]")) {
    event.preventDefault();
    pay.querySelector("[data-till-credit]").click();
    return;
  }
  const input = pay.querySelector(`[data-till-letter="${CSS.escape(key)}"]`);
  if (!input) return;
  event.preventDefault();
  fill(pay, input.closest("[data-till-tender]"));
}

function toggledCredit(pay) {
  const cash = pay.querySelector('[data-till-tender="cash"] [name=amount]');
  const credit = pay.querySelector("[data-till-credit]");
  if (credit?.checked && cash.value === cash.defaultValue) cash.value = "";
  show(pay);
}

document.addEventListener("keydown", letter);
document.addEventListener("input", () => dialog() && show(dialog()));
document.addEventListener("change", (event) => event.target.matches("[data-till-credit]") && toggledCredit(dialog()));
document.addEventListener("click", (event) => {
  const pay = dialog();
  if (!pay) return;
  const quick = event.target.closest("[data-till-amount]");
  if (quick) {
    const cash = pay.querySelector('[data-till-tender="cash"] [name=amount]');
    write(cash, Number(quick.dataset.tillAmount));
    cash.focus();
    show(pay);
  }
  const rest = event.target.closest("[data-till-rest]");
  if (rest) fill(pay, rest.closest("[data-till-tender]"));
});
document.addEventListener("htmx:afterSettle", () => dialog() && show(dialog()));

// --- counting a drawer ---

function counted(form) {
  let sum = 0;
  for (const piece of form.querySelectorAll("[data-till-piece]")) {
    const worth = Number(piece.dataset.tillPiece) * (parseInt(piece.value, 10) || 0);
    sum += worth;
    const shown = piece.closest(".till-piece").querySelector("output");
    shown.textContent = worth ? worth.toLocaleString(document.documentElement.lang, { minimumFractionDigits: 2 }) : "";
  }
  form.querySelector("[data-till-counted]").textContent = sum.toLocaleString(document.documentElement.lang, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

const counting = document.querySelector("[data-till-counting]");
counting?.addEventListener("input", () => counted(counting));
if (counting) counted(counting);
