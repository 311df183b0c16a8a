// @ts-check
// The item id in the address that a label carries.

// The item id in an address, such as the one in a QR code, or the text itself.
/** @type {(text: string) => string} */
export function itemOf(text) {
  const found = /^https?:\/\/[^?#\s]+?\/((?:01|8004|x)\/[^?#\s]*)(?:#.*)?$/.exec(text.trim());
  return found ? found[1] : text.trim();
}
