// Theme and density change at once and are saved behind the scenes; the form does the same without us.

const root = document.documentElement;
const MEDIA = { dark: "screen", light: "not all", auto: "screen and (prefers-color-scheme: dark)" };

const apply = {
  theme(value) {
    root.dataset.bsTheme = value;
    document.getElementById("dark").media = MEDIA[value];
  },
  density(value) {
    root.dataset.density = value;
  },
};

function press(button) {
  for (const each of button.parentElement.querySelectorAll("button")) {
    each.setAttribute("aria-pressed", String(each === button));
  }
}

async function save(event) {
  const form = event.target.closest("form[data-preferences]");
  const button = event.submitter;
  if (!form || !(button?.name in apply)) return;
  event.preventDefault();
  apply[button.name](button.value);
  press(button);
  const body = new FormData(form, button);
  await fetch(form.action, { method: "POST", body, redirect: "manual", headers: { "HX-Request": "true" } });
}

document.addEventListener("submit", save);
