// Dialogs, drop-down menus, the sidebar, and where the focus goes after an answer.

const root = document.documentElement;
const sidebar = document.getElementById("sidebar");

function plain(event) {
  return event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
}

// A link that opens a dialog keeps its address: without JavaScript it leads to a page that shows the same.
function openDialog(event) {
  const opener = event.target.closest("[data-opens]");
  const dialog = opener && document.getElementById(opener.dataset.opens);
  if (!dialog || !plain(event)) return;
  event.preventDefault();
  if (dialog.open) return;
  closeDrops();
  dialog.showModal();
  dialog.dispatchEvent(new CustomEvent("dialog:open", { bubbles: true }));
}

function closeDialog(event) {
  const dialog = event.target.closest("dialog");
  if (!dialog) return;
  // The backdrop counts as the dialog itself, and its own face is covered by what is in it.
  if (event.target === dialog || event.target.closest("[data-closes]")) dialog.close();
}

function closeDrops(except) {
  for (const drop of document.querySelectorAll("[data-drop][open]")) {
    if (!except || !drop.contains(except)) drop.open = false;
  }
}

function closeDropByKey(event) {
  if (event.key !== "Escape") return;
  const drop = event.target.closest("[data-drop][open]") ?? document.querySelector("[data-drop][open]");
  if (!drop) return;
  drop.open = false;
  drop.querySelector("summary").focus();
}

function moveInDrop(event) {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const drop = event.target.closest("[data-drop][open]");
  if (!drop || event.target.matches("input, select, textarea")) return;
  const items = [...drop.querySelectorAll("a[href], button")];
  const next = items.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1);
  event.preventDefault();
  items[(next + items.length) % items.length]?.focus();
}

function setSidebar(open) {
  if (!sidebar) return;
  const was = sidebar.classList.contains("is-open");
  sidebar.classList.toggle("is-open", open);
  document.querySelector("[data-sidebar-open]")?.setAttribute("aria-expanded", String(open));
  if (open) sidebar.querySelector("[data-sidebar-close]")?.focus();
  else if (was) document.querySelector("[data-sidebar-open]")?.focus();
}

function showFold() {
  const folded = root.dataset.sidebar === "folded";
  document.querySelector("[data-sidebar-fold]")?.setAttribute("aria-pressed", String(folded));
}

function fold() {
  const folded = root.dataset.sidebar !== "folded";
  if (folded) root.dataset.sidebar = "folded";
  else delete root.dataset.sidebar;
  try {
    localStorage.setItem("prs:sidebar", folded ? "folded" : "wide");
  } catch {
    // Not remembered, but folded all the same.
  }
  showFold();
}

function sidebarClicks(event) {
  if (event.target.closest("[data-sidebar-fold]")) fold();
  else if (event.target.closest("[data-sidebar-open]")) {
    event.preventDefault();
    setSidebar(true);
  } else if (event.target.closest("[data-sidebar-close]")) {
    event.preventDefault();
    setSidebar(false);
  }
}

// A refusal or a list of errors is read out where it appears.
function takeFocus(within) {
  within.querySelector?.("[data-takes-focus]")?.focus();
}

document.addEventListener("click", openDialog);
document.addEventListener("click", closeDialog);
document.addEventListener("click", sidebarClicks);
document.addEventListener("click", (event) => closeDrops(event.target));
document.addEventListener("focusin", (event) => closeDrops(event.target));
document.addEventListener("keydown", closeDropByKey);
document.addEventListener("keydown", moveInDrop);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && sidebar?.classList.contains("is-open")) setSidebar(false);
});
document.addEventListener("htmx:afterSettle", (event) => takeFocus(event.target));

showFold();
takeFocus(document);
