// @ts-check
// Origins, numbers and hashes in lines of text (docs/spec/log.md, Conventions).

import { decodeBase64 } from "../bytes.js";
import { ORIGIN } from "../events/payload.js";
import { isText } from "../values.js";

/** @import { Bytes } from "../types.d.ts" */

/** @type {(text: unknown) => text is string} */
export const isOrigin = (text) =>
  isText(text) && ORIGIN.test(text) && !/^(?:traceledger|cosignature)\//.test(text);

/** @type {(text: string) => bigint | undefined} */
export function parseDecimal(text) {
  if (!/^(?:0|[1-9][0-9]{0,18})$/.test(text)) return undefined;
  const value = BigInt(text);
  return value < 1n << 63n ? value : undefined;
}

/** @type {(text: unknown) => Bytes | undefined} */
export function decodeHash(text) {
  const bytes = isText(text) ? decodeBase64(text) : undefined;
  return bytes?.length === 32 ? bytes : undefined;
}
