// @ts-check
// What a buyer reads about maker, product and photos, as rows to draw; from verified events only.

import { digestOf } from "./verifier/bytes.js";

/** @import { Profile } from "./verifier/types.d.ts" */
/** @import { Approval, Photo, PhotoResult, Row, Section, Warranty, WorkshopNote } from "./types.d.ts" */

// The fields of a profile in reading order, each with the key of its caption.
/** @type {[name: keyof Profile, caption: string][]} */
const PROFILE = [
  ["name_latin", "maker.name"],
  ["name_local", "maker.name_local"],
  ["address", "maker.address"],
  ["phone", "maker.phone"],
  ["email", "maker.email"],
  ["web", "maker.web"],
];

/** @type {Partial<Record<keyof Profile, (text: string) => string>>} */
const LINKS = {
  phone: (text) => `tel:${text.replace(/[ -]/g, "")}`,
  email: (text) => `mailto:${text}`,
  web: (text) => text,
};

// How to reach a party; a profile without fields has no rows.
/** @type {(profile: Profile | undefined) => Section} */
export const describeMaker = (profile = {}) => ({
  title: "maker.title",
  rows: PROFILE.flatMap(([name, caption]) => {
    const text = profile[name];
    return text === undefined ? [] : [{ caption, lines: [{ text, href: LINKS[name]?.(text) }] }];
  }),
});

/** @type {(tag: string) => string} */
const primary = (tag) => tag.split("-", 1)[0].toLowerCase();

// The notes in the reader's language and those without one; all if there is none of these.
/** @type {(notes: WorkshopNote[], language: string) => WorkshopNote[]} */
function notesFor(notes, language) {
  const own = notes.filter(({ lang }) => !lang || primary(lang) === primary(language));
  return own.length ? own : notes;
}

// What the unit fits and how it is installed, from the fields of `approve`.
/** @type {(approval: Approval, language: string) => Section} */
export function describeProduct({ fits = [], installation = [], document }, language) {
  /** @type {Row[]} */
  const rows = [
    { caption: "fits.numbers", lines: fits.map((text) => ({ text })) },
    { caption: "fits.installation", lines: notesFor(installation, language) },
  ];
  if (document) {
    const lines = [{ text: document.title ?? document.url, href: document.url }];
    rows.push({ caption: "fits.document", lines, note: "fits.document_note", digest: document.sha256 });
  }
  return { title: "fits.title", rows: rows.filter(({ lines }) => lines.length) };
}

// How to claim the warranty, in the maker's words.
/** @type {(warranty: Warranty) => Row[]} */
export const describeClaim = ({ claim, proof }) => [
  ...(claim === undefined ? [] : [{ caption: "warranty.claim", lines: [{ text: claim }] }]),
  ...(proof === undefined ? [] : [{ caption: "warranty.proof", lines: [{ text: proof }] }]),
];

/** @type {Record<Photo["shows"], string>} */
const SHOWN = { part: "photo.part", label: "photo.label", seal: "photo.seal" };

// The photos with the key of each caption, and the hosts that loading them would contact.
/** @type {(photos: Photo[] | undefined) => { title: string, ask: string, hosts: string[], photos: { caption: string, photo: Photo }[] }} */
export const describePhotos = (photos = []) => ({
  title: "photo.title",
  ask: "photo.show",
  hosts: [...new Set(photos.flatMap(({ url }) => (url ? [new URL(url).host] : [])))],
  photos: photos.map((photo) => ({ caption: SHOWN[photo.shows], photo })),
});

const MOST = 8_000_000; // bytes of a photo
const PATIENCE = 20_000; // milliseconds

// The bytes of an answer up to the limit, so that no address can fill the memory.
/** @type {(answer: Response) => Promise<ArrayBuffer | undefined>} */
async function readBytes(answer) {
  const reader = answer.body?.getReader();
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const parts = [];
  let size = 0;
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    size += part.value.length;
    if (size > MOST) {
      await reader?.cancel();
      return undefined;
    }
    parts.push(part.value);
  }
  return new Blob(parts).arrayBuffer();
}

// Loads a photo and compares its bytes with the signed digest. Only a photo that matches has a
// `blob`; otherwise `reason` is the key of the words for the reader.
/** @type {(photo: Photo) => Promise<PhotoResult>} */
export async function loadPhoto({ url, sha256: signed, media_type: type }) {
  if (!url) return { reason: "photo.elsewhere" };
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE);
  try {
    const answer = await fetch(url, {
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal: patience.signal,
    });
    const bytes = answer.ok ? await readBytes(answer) : undefined;
    if (!bytes) return { reason: "photo.unreachable" };
    return (await digestOf(new Uint8Array(bytes))) === signed
      ? { blob: new Blob([bytes], { type }) }
      : { reason: "photo.changed" };
  } catch (error) {
    console.warn(error);
    return { reason: "photo.unreachable" };
  } finally {
    clearTimeout(timer);
  }
}

// Sets the picture to a photo that matches its digest, and returns "" or the key of the words that say
// why there is none. The bytes may match and still be no picture.
/** @type {(image: HTMLImageElement, photo: Photo) => Promise<string>} */
export async function showPhoto(image, photo) {
  const { blob, reason } = await loadPhoto(photo);
  if (!blob) return reason;
  const address = URL.createObjectURL(blob);
  try {
    image.src = address;
    await image.decode();
    return "";
  } catch {
    image.removeAttribute("src");
    return "photo.unreadable";
  } finally {
    URL.revokeObjectURL(address);
  }
}
