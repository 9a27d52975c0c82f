// Runs before the first paint, so that nothing jumps: the only script that is not a module.
document.documentElement.dataset.js = "on";
try {
  if (localStorage.getItem("prs:sidebar") === "folded") {
    document.documentElement.dataset.sidebar = "folded";
  }
} catch {
  // Storage may be closed to us; the sidebar is then simply wide.
}
