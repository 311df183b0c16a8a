// @ts-check
// Reads a QR code or Data Matrix with the camera, where the browser itself can detect codes.

/** @import { BarcodeReader } from "./types.d.ts" */

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
