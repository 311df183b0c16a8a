// @ts-check
// The page with the field for a number: reads a code with the camera where the browser can.

/** @typedef {{ detect: (image: HTMLVideoElement) => Promise<{ rawValue: string }[]> }} Detector */
/** @typedef {new (options: { formats: string[] }) => Detector} DetectorClass */

const PAUSE = 200; // milliseconds between two looks

/** @type {(id: string) => HTMLElement} */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const button = /** @type {HTMLButtonElement} */ (byId("camera"));
const view = /** @type {HTMLVideoElement} */ (byId("view"));
const field = /** @type {HTMLInputElement} */ (byId("number"));
const start = button.textContent ?? "";
const Reader = /** @type {DetectorClass | undefined} */ (Reflect.get(globalThis, "BarcodeDetector"));
/** @type {MediaStream | undefined} */
let stream;

function stop() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = undefined;
  view.srcObject = null;
  view.hidden = true;
  button.textContent = start;
}

/** @type {(detector: Detector) => Promise<void>} */
async function look(detector) {
  while (stream) {
    const [code] = await detector.detect(view);
    if (code?.rawValue) {
      field.value = code.rawValue;
      stop();
      field.form?.requestSubmit();
      return;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, PAUSE);
    });
  }
}

/** @type {(Detector: DetectorClass) => Promise<void>} */
async function scan(Detector) {
  const failure = byId("camera-error");
  failure.textContent = "";
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    view.srcObject = stream;
    view.hidden = false;
    button.textContent = button.dataset.stop ?? "";
    await view.play();
    await look(new Detector({ formats: ["qr_code", "data_matrix"] }));
  } catch {
    stop();
    failure.textContent = failure.dataset.text ?? "";
  }
}

// A page that may not use the camera, by its Permissions-Policy, has no button for it.
const policy = /** @type {{ allowsFeature: (name: string) => boolean } | undefined} */ (
  Reflect.get(document, "featurePolicy")
);
if (Reader && "mediaDevices" in navigator && policy?.allowsFeature("camera") !== false) {
  button.hidden = false;
  button.addEventListener("click", () => (stream ? stop() : scan(Reader)));
}
