// The page's words, by key: text.en.json has them all, another file of the same keys is a translation.

const texts = await (await fetch("/static/text.en.json")).json();
const language = document.documentElement.lang;
const plural = new Intl.PluralRules(language);

/** A text; {name} in it stands for `values.name`, and with `values.n` it is the one or the other form. */
export function t(key, values = {}) {
  const found = texts[key] ?? texts[`${key}.${plural.select(values.n)}`] ?? texts[`${key}.other`];
  if (found === undefined) throw new Error(`no text ${key}`);
  return found.replace(/\{(\w+)\}/g, (_, name) => (typeof values[name] === "number" ? number(values[name]) : values[name]));
}

/** A text that may not be there, as of a state that is newer than this page; then the word itself. */
export const maybe = (prefix, word) => texts[`${prefix}.${word}`] ?? word;

export function number(value, digits = 0) {
  return value.toLocaleString(language, {minimumFractionDigits: 0, maximumFractionDigits: digits});
}

/** A figure to three digits, as a loss is read. */
export const figure = (value) => (value || 0).toLocaleString(language, {maximumSignificantDigits: 3});

/** 40 s, 12 min, 2 h 5 min. */
export function duration(seconds) {
  if (seconds < 90) return t("time.seconds", {n: Math.max(1, Math.round(seconds))});
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return t("time.minutes", {n: minutes});
  return t("time.hours", {hours: Math.floor(minutes / 60), minutes: minutes % 60});
}

export function bytes(count) {
  return count < 1e6 ? t("bytes.kb", {n: Math.max(1, Math.round(count / 1e3))}) : t("bytes.mb", {n: Math.round(count / 1e5) / 10});
}

/** A date as people of here write it. */
export const day = (iso) => new Date(iso).toLocaleDateString(language, {day: "numeric", month: "short", year: "numeric"});
