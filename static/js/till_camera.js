// Scanning with the camera: EAN, UPC, Code 128, QR and DataMatrix, in every browser that has one.

const dialog = document.getElementById("till-camera");
const video = dialog?.querySelector("video");
let stream = null;
let reading = null;

function no(reason) {
  for (const word of dialog.querySelectorAll("[data-till-camera-no]")) word.hidden = word.dataset.tillCameraNo !== reason;
  video.hidden = true;
}

function stop() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
}

// The reader is fetched when somebody first opens the camera: it is a megabyte.
function fetched() {
  reading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = dialog.dataset.readerScript;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  }).then(() => {
    const { BarcodeDetector, prepareZXingModule } = BarcodeDetectionAPI;
    prepareZXingModule({ overrides: { locateFile: () => dialog.dataset.readerEngine } });
    return new BarcodeDetector();
  });
  return reading;
}

async function look(detector) {
  if (!stream) return;
  const [code] = await detector.detect(video);
  if (!code) return void setTimeout(() => look(detector), 60);
  dialog.close();
  const search = document.getElementById("till-search");
  search.value = code.rawValue;
  search.form.requestSubmit();
}

async function start() {
  dialog.showModal();
  video.hidden = false;
  for (const word of dialog.querySelectorAll("[data-till-camera-no]")) word.hidden = true;
  if (!navigator.mediaDevices) return no("api");
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    video.srcObject = stream;
    await video.play();
  } catch {
    return no("device");
  }
  try {
    await look(await fetched());
  } catch {
    reading = null;
    no("api");
  }
}

if (dialog) {
  document.querySelector("[data-till-camera]").addEventListener("click", start);
  dialog.addEventListener("close", stop);
}
