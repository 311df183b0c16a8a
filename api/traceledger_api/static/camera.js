// @ts-check
// Reads a QR code with the camera, where the browser itself can detect codes.

/** @import { BarcodeReader } from "./types.d.ts" */

const PAUSE = 200; // milliseconds between two looks

/** @type {() => (new (options: { formats: string[] }) => BarcodeReader) | undefined} */
const detector = () => Reflect.get(globalThis, "BarcodeDetector");

/** @type {() => boolean} */
export const canScan = () => Boolean(detector() && navigator.mediaDevices);

// The text of the first code that the camera sees, or "" if the reader stops it.
/** @type {(picture: HTMLVideoElement, stop: HTMLElement) => Promise<string>} */
export async function scan(picture, stop) {
  const Reader = detector();
  if (!Reader) throw new Error("this browser has no reader of codes");
  const codes = new Reader({ formats: ["qr_code"] });
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const stopping = new AbortController();
  stop.addEventListener("click", () => stopping.abort());
  try {
    picture.srcObject = stream;
    await picture.play();
    while (!stopping.signal.aborted && picture.isConnected) {
      const [found] = await codes.detect(picture);
      if (found?.rawValue) return found.rawValue;
      await new Promise((resolve) => { setTimeout(resolve, PAUSE); });
    }
    return "";
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
}
