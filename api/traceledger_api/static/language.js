// @ts-check
// The language of a page that a file server sends to every reader alike.

// The one that the address asks for, else the first of the browser's that there is, else English.
/** @type {(languages: string[]) => string} */
export function chooseLanguage(languages) {
  const asked = new URLSearchParams(location.search).get("lang");
  /** @type {(tag: string) => string | undefined} */
  const known = (tag) =>
    languages.find((one) => one.split("-")[0] === tag.toLowerCase().split("-")[0]);
  return [asked ?? "", ...navigator.languages].map(known).find(Boolean) ?? "en";
}

/** @type {(language: string) => void} */
export function useLanguage(language) {
  document.documentElement.lang = language;
  document.documentElement.dir = language === "ar" ? "rtl" : "ltr";
}

// Uses the language and marks it in the menu of a page that a program wrote in another one.
/** @type {(language: string) => void} */
export function showLanguage(language) {
  useLanguage(language);
  for (const link of document.querySelectorAll(".languages a")) {
    const isChosen = link.getAttribute("lang") === language;
    link.toggleAttribute("aria-current", false);
    if (isChosen) {
      link.setAttribute("aria-current", "true");
      document.querySelector(".languages summary")?.replaceChildren(link.textContent ?? "");
    }
  }
}
