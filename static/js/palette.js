// Search as you type; arrows choose, Enter opens. The list comes from the server (HX-Target: palette-results).

const palette = document.getElementById("palette");
const field = palette?.querySelector("input[name=q]");

function hits() {
  return [...palette.querySelectorAll("a[role=option]")];
}

function here() {
  return palette.querySelector("a[role=option].is-here");
}

function choose(hit) {
  for (const each of hits()) {
    each.classList.toggle("is-here", each === hit);
    each.setAttribute("aria-selected", String(each === hit));
  }
  if (!hit) return field.removeAttribute("aria-activedescendant");
  field.setAttribute("aria-activedescendant", hit.id);
  hit.scrollIntoView({ block: "nearest" });
}

function move(step) {
  const all = hits();
  if (all.length) choose(all[(all.indexOf(here()) + step + all.length) % all.length]);
}

function press(event) {
  if (event.key === "ArrowDown") move(1);
  else if (event.key === "ArrowUp") move(here() ? -1 : 0);
  // A search field would only empty itself first.
  else if (event.key === "Escape") palette.close();
  else if (event.key === "Enter" && here() && !event.ctrlKey && !event.metaKey) here().click();
  else return;
  event.preventDefault();
}

if (field) {
  palette.addEventListener("dialog:open", () => {
    field.select();
    field.dispatchEvent(new CustomEvent("palette:open"));
  });
  field.addEventListener("keydown", press);
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "palette-results") choose(hits()[0]);
  });
}
