// @ts-check
// Photos of the part, loaded only when the reader asks, and shown only if they match what was signed.

import { describePhotos, showPhoto } from "./details.js";
import { code, make } from "./dom.js";
import { fold } from "./sections.js";
import { weave } from "./verdict.js";

/** @import { Part, Words } from "./types.d.ts" */

// `allows` tells from which origins the page may load; photos elsewhere are named by their digest.
/** @type {(part: Part, words: Words, allows?: (origin: string) => boolean) => HTMLElement | undefined} */
export function drawPhotos({ photos: signed = [] }, words, allows = () => true) {
  const { comma, say, number } = words;
  const { title, ask, hosts, photos } = describePhotos(signed.map(({ url, ...photo }) =>
    url && allows(new URL(url).origin) ? { ...photo, url } : photo));
  if (!photos.length) return undefined;
  const shown = photos.map(({ caption, photo }) => {
    const image = make("img", { alt: say(caption) });
    const reason = make("p", { class: "faint", role: "status" });
    image.hidden = true;
    const load = () => showPhoto(image, photo).then((key) => {
      image.hidden = key !== "";
      reason.replaceChildren(say(key), ...(key === "photo.elsewhere" ? [" ", code(photo.sha256)] : []));
    });
    return { load, element: make("figure", {}, make("figcaption", {}, say(caption)), image, reason) };
  });
  const button = make("button", { class: "button quiet", type: "button" },
    make("span", {}, hosts.length ? weave(say(ask), { host: make("bdi", { dir: "ltr", lang: "" }, hosts.join(comma)) }) : say(title)));
  button.addEventListener("click", () => {
    button.hidden = true;
    for (const { load } of shown) load();
  });
  return fold("photos", say(title), number(photos.length),
    make("p", { class: "buttons" }, button), make("div", { class: "photos" }, shown.map(({ element }) => element)));
}
