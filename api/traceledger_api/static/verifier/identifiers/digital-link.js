// @ts-check
// The item id in the address that a label carries.

// The segment before the last decides how the item id begins, whatever the path before it is.
const LINK =
  /^https?:\/\/[^?#\s]+\/((?:01\/[^/?#\s]*\/21|8004|x\/(?:unit|core|component))\/[^/?#\s]*)(?:#.*)?$/;

// The item id in an address, such as the one in a QR code, or the text itself.
/** @type {(text: string) => string} */
export const itemOf = (text) => LINK.exec(text.trim())?.[1] ?? text.trim();
