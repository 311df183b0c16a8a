// @ts-check
// Signed notes (docs/spec/log.md, Signed notes).

import { decodeBase64, encode } from "../bytes.js";
import { refuse } from "../errors.js";

/** @import { Note } from "../types.d.ts" */

const MAX_NOTE = 1 << 20;
const MAX_LINES = 100;

// Unicode's White_Space and the separators U+001C to U+001F, which key names exclude.
const SPACE = /[\p{White_Space}\x1c-\x1f]/u;

/** @type {(text: string) => boolean} */
export const isKeyName = (text) => text !== "" && !SPACE.test(text) && !text.includes("+");

/** @type {(text: string) => Note} */
export function parseNote(text) {
  /** @type {(message: string) => never} */
  const refused = (message) => refuse("note.form", message);
  const bytes = encode(text);
  if (bytes.length > MAX_NOTE) refused("the note is larger than 1 MiB");
  if (/[\x00-\x09\x0b-\x1f]/.test(text)) refused("the note contains a control character");
  const end = text.lastIndexOf("\n\n");
  if (end < 0 || !text.endsWith("\n")) refused("the note has no blank line before its signatures");
  const lines = text
    .slice(end + 2)
    .split("\n")
    .slice(0, -1);
  if (lines.length < 1 || lines.length > MAX_LINES) refused("a note has 1 to 100 signature lines");
  const signatures = lines.map((line) => {
    const [dash, name, blob, ...rest] = line.split(" ");
    const raw = blob === undefined ? undefined : decodeBase64(blob);
    if (dash !== "\u2014" || rest.length || !isKeyName(name) || !raw || raw.length < 5)
      refused("a signature line does not have the form of C2SP signed-note");
    return { name, id: raw.slice(0, 4), signature: raw.slice(4) };
  });
  return { text: text.slice(0, end + 1), signatures };
}
