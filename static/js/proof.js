// The proof of a payment: zoom, turn and drag an image. A PDF has the browser's own viewer.

const STEPS = [1, 1.5, 2, 3, 4, 6];

function state(proof) {
  proof.prs ??= { scale: 1, turn: 0, x: 0, y: 0 };
  return proof.prs;
}

function draw(proof) {
  const { scale, turn, x, y } = state(proof);
  const image = proof.querySelector("img");
  if (!image) return;
  image.style.transform = `translate(${x}px, ${y}px) rotate(${turn}deg) scale(${scale})`;
  proof.querySelector(".proof-view").classList.toggle("is-zoomed", scale > 1);
}

function zoom(proof, by) {
  const now = state(proof);
  const index = STEPS.indexOf(now.scale);
  now.scale = STEPS[Math.max(0, Math.min(STEPS.length - 1, index + by))];
  if (now.scale === 1) Object.assign(now, { x: 0, y: 0 });
  draw(proof);
}

const acts = {
  in: (proof) => zoom(proof, 1),
  out: (proof) => zoom(proof, -1),
  toggle(proof) {
    zoom(proof, state(proof).scale > 1 ? -STEPS.length : 2);
  },
  turn(proof) {
    state(proof).turn += 90;
    draw(proof);
  },
};

function press(event) {
  const button = event.target.closest("[data-proof-act]");
  if (button) acts[button.dataset.proofAct](button.closest("[data-proof]"));
}

function drag(event) {
  const view = event.target.closest(".proof-view.is-zoomed");
  if (!view || event.button !== 0) return;
  event.preventDefault();
  const proof = view.closest("[data-proof]");
  const now = state(proof);
  const from = { x: event.clientX - now.x, y: event.clientY - now.y };
  const move = (moved) => {
    Object.assign(now, { x: moved.clientX - from.x, y: moved.clientY - from.y });
    draw(proof);
  };
  const drop = () => {
    view.classList.remove("is-held");
    view.removeEventListener("pointermove", move);
  };
  view.classList.add("is-held");
  view.setPointerCapture(event.pointerId);
  view.addEventListener("pointermove", move);
  view.addEventListener("pointerup", drop, { once: true });
  view.addEventListener("pointercancel", drop, { once: true });
}

function arrows(event) {
  const view = event.target.closest?.(".proof-view.is-zoomed");
  const step = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
  if (!view || !step) return;
  event.preventDefault();
  const now = state(view.closest("[data-proof]"));
  now.x += step[0];
  now.y += step[1];
  draw(view.closest("[data-proof]"));
}

function wheel(event) {
  const view = event.target.closest?.("[data-proof] .proof-view");
  if (!view?.querySelector("img") || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  zoom(view.closest("[data-proof]"), event.deltaY < 0 ? 1 : -1);
}

document.addEventListener("click", press);
document.addEventListener("dblclick", (event) => {
  const view = event.target.closest("[data-proof] .proof-view");
  if (view) acts.toggle(view.closest("[data-proof]"));
});
document.addEventListener("pointerdown", drag);
document.addEventListener("keydown", arrows);
document.addEventListener("wheel", wheel, { passive: false });
