// One stream for the page. An event of type "payment" becomes the DOM event "live:payment" on <body>; parts fetch
// themselves again with hx-trigger="live:payment from:body". Besides, "live:any" comes with every event (at most one
// in two seconds) and "live:poll" when everything should be fetched again: after a gap, or while the stream is down.
// It reads the stream itself instead of using EventSource, which can neither send Last-Event-ID on opening nor
// hear events whose names it was not told.

const body = document.body;
const url = body.dataset.liveUrl;
const light = document.getElementById("live-state");
const POLL = 20_000;
const CALM = 2_000;

let lastId = body.dataset.liveLast ?? "";
let retry = 3_000;
let failures = 0;
let stream = null;
let waiting = null;
let polling = null;
let calm = null;
let again = false;
const changed = new Map();

function tell(type, detail) {
  body.dispatchEvent(new CustomEvent(`live:${type}`, { bubbles: true, detail }));
}

function tellAny() {
  if (calm) {
    again = true;
    return;
  }
  tell("any");
  calm = setTimeout(() => {
    calm = null;
    if (again) tellAny();
    again = false;
  }, CALM);
}

function show(state) {
  if (!light) return;
  light.dataset.liveState = state;
  light.hidden = state === "off";
  light.querySelector("span").textContent = light.dataset[state] ?? "";
}

function parsed(data) {
  try {
    return JSON.parse(data);
  } catch {
    return {};
  }
}

function heard({ type, data, id }) {
  if (id) lastId = id;
  if (!type && !data) return;
  const detail = parsed(data);
  const name = type || detail.type || "message";
  if (name === "resync") return tell("poll");
  if (detail.id) changed.set(String(detail.id), Date.now());
  tell(name, detail);
  tellAny();
}

function event(block) {
  const found = { type: "", data: "", id: "" };
  for (const line of block.split("\n")) {
    const [, field, value] = line.match(/^(\w+):? ?(.*)$/) ?? [];
    if (field === "event") found.type = value;
    else if (field === "data") found.data += value;
    else if (field === "id") found.id = value;
    else if (field === "retry" && Number(value)) retry = Number(value);
  }
  return found;
}

async function listen(signal) {
  const headers = { Accept: "text/event-stream", ...(lastId && { "Last-Event-ID": lastId }) };
  const answer = await fetch(url, { headers, signal, cache: "no-store", redirect: "error" });
  if (!answer.ok) throw new Error(String(answer.status));
  opened();
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value.replaceAll("\r", "")).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) heard(event(block));
  }
}

function opened() {
  if (failures >= 3) tell("poll");
  failures = 0;
  clearInterval(polling);
  polling = null;
  show("open");
}

function failed() {
  failures += 1;
  if (failures >= 3 && !polling) {
    show("slow");
    polling = setInterval(() => tell("poll"), POLL);
  }
}

async function open() {
  clearTimeout(waiting);
  if (stream || document.hidden) return;
  const mine = new AbortController();
  stream = mine;
  try {
    await listen(mine.signal);
  } catch {
    // Closed by us, by the server or by the network: what follows is the same.
    if (!mine.signal.aborted) failed();
  }
  if (stream !== mine) return;
  stream = null;
  waiting = setTimeout(open, retry * Math.min(failures || 1, 10));
}

// A hidden tab holds no connection; it catches up by Last-Event-ID when it is looked at again.
function close() {
  clearTimeout(waiting);
  clearInterval(polling);
  polling = null;
  stream?.abort();
  stream = null;
}

function glow(within) {
  for (const [id, at] of changed) {
    if (Date.now() - at > 10_000) changed.delete(id);
    else for (const row of within.querySelectorAll(`[data-id="${CSS.escape(id)}"], [data-live-id="${CSS.escape(id)}"]`)) lightUp(row, id);
  }
}

function lightUp(row, id) {
  changed.delete(id);
  row.classList.add("is-fresh");
  setTimeout(() => row.classList.remove("is-fresh"), 2_600);
}

// What was opened in a part stays open when the part comes anew.
function keepOpen({ detail }) {
  const opened = [...detail.target.querySelectorAll("details[id][open]")].map((each) => each.id);
  if (!opened.length) return;
  const again = () => {
    for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  };
  document.addEventListener("htmx:afterSwap", again, { once: true });
}

if (url) {
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  document.addEventListener("htmx:beforeSwap", keepOpen);
  document.addEventListener("htmx:afterSettle", (event) => glow(event.target.parentElement ?? document));
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", open);
  open();
}
