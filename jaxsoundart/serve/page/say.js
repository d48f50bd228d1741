/** The page's own words, in the reader's language. */

const LANGUAGES = ["en", "ja"];
let texts = {};
let language = "en";
const listeners = [];

/** The language in use: "en" or "ja". */
export const spoken = () => language;

/** Calls `listener` now and whenever the language changes. */
export function whenSpoken(listener) {
  listeners.push(listener);
}

/** Returns the text called `key`; `{name}` in it stands for `values.name`. */
export function say(key, values = {}) {
  let text = texts[key];
  if (text === undefined) return key;
  if (typeof text === "object") {
    const form = new Intl.PluralRules(language).select(values.count);
    text = text[form] ?? text.other;
  }
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** Returns the text called `prefix` + `name`, or `usual` if there is none. */
export function named(prefix, name, usual = name) {
  return texts[prefix + name] === undefined ? usual : say(prefix + name);
}

/** Returns "a, b and c" as the language writes it. */
export const all = (items) => new Intl.ListFormat(language).format(items);

/** Returns "a, b or c" as the language writes it. */
export const either = (items) =>
  new Intl.ListFormat(language, { type: "disjunction" }).format(items);

/** Returns a number as the language writes it. */
export const number = (value, options) =>
  new Intl.NumberFormat(language, options).format(value);

/** Returns a place in a song, as 1:05. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Writes the texts of all elements below `root` that name one. */
export function write(root) {
  for (const element of root.querySelectorAll("[data-say]"))
    element.textContent = say(element.dataset.say);
  for (const element of root.querySelectorAll("[data-say-label]"))
    element.setAttribute("aria-label", say(element.dataset.sayLabel));
}

/** Changes the language, and the whole page with it. */
export async function speak(wanted) {
  const answer = await fetch(new URL(`${wanted}.json`, import.meta.url));
  texts = await answer.json();
  language = wanted;
  document.documentElement.lang = wanted;
  localStorage.setItem("language", wanted);
  write(document);
  for (const button of document.querySelectorAll("[data-language]"))
    button.setAttribute("aria-pressed", String(button.dataset.language === wanted));
  for (const listener of listeners) listener();
}

/** Returns the language chosen before, or the first of the reader's that is known. */
export function preferred() {
  const wanted = [localStorage.getItem("language"), ...navigator.languages];
  const known = wanted.map((one) => one?.slice(0, 2)).find((one) => LANGUAGES.includes(one));
  return known ?? "en";
}
