// The scan station: its field keeps the focus, each scan has an id of its own, and what came of it is heard and felt.

const field = document.querySelector("[data-floor-code]");
const times = document.querySelector("[data-floor-times]");
const key = document.querySelector("[data-floor-key]");
let sound;

// One high tone says yes, two low ones say no: in a loud hall the difference must be clear.
function tone(hertz, at) {
  sound ??= new AudioContext();
  const voice = sound.createOscillator();
  const loud = sound.createGain();
  voice.frequency.value = hertz;
  loud.gain.value = 0.15;
  voice.connect(loud).connect(sound.destination);
  voice.start(sound.currentTime + at);
  voice.stop(sound.currentTime + at + 0.12);
}

function yes() {
  tone(1320, 0);
  navigator.vibrate?.(40);
}

function no() {
  tone(220, 0);
  tone(180, 0.18);
  navigator.vibrate?.([120, 60, 120]);
}

// What was refused before is over once something is counted.
function forget() {
  const place = document.createElement("div");
  place.id = "refusal";
  document.querySelector("#refusal").replaceWith(place);
}

document.body.addEventListener("htmx:afterSwap", (event) => {
  const said = document.querySelector(".floor-said");
  if (event.detail.target.id === "refusal") {
    said?.remove();
    no();
  } else {
    forget();
    key.value = document.querySelector("#station").dataset.key;
    if (said) yes();
  }
  field.value = "";
  times.value = "";
  field.focus();
});

// A press beside every control gives the focus back, so that the next scan goes where it belongs.
document.addEventListener("click", (event) => {
  if (!event.target.closest("a, button, input, label, summary, select, textarea")) field.focus();
});
