// @ts-check
// Reads a QR code or Data Matrix with the camera, where the browser itself can detect codes.

import { make } from "./dom.js";

/** @import { BarcodeReader, Words } from "./types.d.ts" */

const PAUSE = 200; // milliseconds between two looks

/** @type {() => (new (options: { formats: string[] }) => BarcodeReader) | undefined} */
const detector = () => Reflect.get(globalThis, "BarcodeDetector");

// Whether the browser has a reader of codes and the page may use the camera, by its Permissions-Policy.
/** @type {() => boolean} */
export function canScan() {
  /** @type {{ allowsFeature: (name: string) => boolean } | undefined} */
  const policy = Reflect.get(document, "featurePolicy");
  return Boolean(detector() && navigator.mediaDevices && policy?.allowsFeature("camera") !== false);
}

// The text of the first code that the camera sees, or "" if the reader stops it.
/** @type {(picture: HTMLVideoElement, stopping: AbortSignal) => Promise<string>} */
export async function scan(picture, stopping) {
  const Reader = detector();
  if (!Reader) throw new Error("this browser has no reader of codes");
  const codes = new Reader({ formats: ["qr_code", "data_matrix"] });
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  try {
    picture.srcObject = stream;
    await picture.play();
    while (!stopping.aborted && picture.isConnected) {
      const [found] = await codes.detect(picture);
      if (found?.rawValue) return found.rawValue;
      await new Promise((resolve) => { setTimeout(resolve, PAUSE); });
    }
    return "";
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
}

// A button that shows what the camera sees until it reads a code or is stopped. `take` gets the text
// of the code; `fail` is called where the camera cannot be used.
/** @type {(words: Words, take: (text: string) => void, fail: () => void) => HTMLElement} */
export function drawCamera({ say }, take, fail) {
  const button = make("button", { class: "button quiet", type: "button" }, say("site.camera"));
  button.addEventListener("click", async () => {
    const picture = make("video", { class: "camera", playsinline: "", muted: "" });
    const stop = make("button", { class: "button quiet", type: "button" }, say("site.stop"));
    const view = make("div", { id: "camera" }, picture, stop);
    const stopping = new AbortController();
    stop.addEventListener("click", () => stopping.abort());
    button.toggleAttribute("hidden");
    button.closest("p")?.after(view);
    try {
      const text = await scan(picture, stopping.signal);
      if (text) take(text);
    } catch (error) {
      console.warn(error);
      fail();
    }
    view.remove();
    button.toggleAttribute("hidden");
  });
  return button;
}
