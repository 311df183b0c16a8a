// @ts-check
// The page with the field for a number: reads a code with the camera where the browser can.

import { canScan, scan } from "./camera.js";

/** @type {(id: string) => HTMLElement} */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const button = /** @type {HTMLButtonElement} */ (byId("camera"));
const view = /** @type {HTMLVideoElement} */ (byId("view"));
const field = /** @type {HTMLInputElement} */ (byId("number"));
const failure = byId("camera-error");
const start = button.textContent ?? "";

/** @type {AbortController | undefined} */
let scanning;

/** @type {(started: AbortController | undefined) => void} */
function show(started) {
  scanning = started;
  view.hidden = !started;
  button.textContent = started ? button.dataset.stop ?? "" : start;
}

async function read() {
  const mine = new AbortController();
  failure.textContent = "";
  show(mine);
  try {
    const text = await scan(view, mine.signal);
    if (mine.signal.aborted) return;
    show(undefined);
    field.value = text;
    field.form?.requestSubmit();
  } catch (error) {
    console.warn(error);
    show(undefined);
    failure.textContent = failure.dataset.text ?? "";
  }
}

function stopCamera() {
  scanning?.abort();
  show(undefined);
}

// While the camera is on, the button stops it.
if (canScan()) {
  button.hidden = false;
  button.addEventListener("click", () => (scanning ? stopCamera() : read()));
}
