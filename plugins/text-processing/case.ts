/** Letters, digits and marks that belong together. */
const WORD = /[\p{L}\p{N}\p{M}']+/gu;
const MARKS = /\p{M}/gu;
/** Letters that no decomposition takes apart. */
const SPELLED: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  ø: "o",
  œ: "oe",
  đ: "d",
  ł: "l",
  þ: "th",
  ı: "i",
};

const capital = (word: string): string => {
  const [first = "", ...rest] = word;
  return first.toUpperCase() + rest.join("");
};

export const titleCase = (text: string): string => text.toLowerCase().replace(WORD, capital);

export const sentenceCase = (text: string): string =>
  Array.from(new Intl.Segmenter(undefined, { granularity: "sentence" }).segment(text), ({ segment }) =>
    capital(segment.toLowerCase()),
  ).join("");

/** `fooBar HTTP-server` → foo, bar, http, server. */
function wordsOf(text: string): string[] {
  const spaced = text.replace(/(\p{Ll}|\p{N})(?=\p{Lu})/gu, "$1 ");
  return (spaced.match(WORD) ?? []).map((word) => word.replaceAll("'", "").toLowerCase()).filter(Boolean);
}

export const separated = (text: string, separator: string): string => wordsOf(text).join(separator);

export const camelCase = (text: string): string =>
  wordsOf(text)
    .map((word, index) => (index === 0 ? word : capital(word)))
    .join("");

/** Lower-case ASCII letters, digits and single dashes. */
export function slug(text: string): string {
  const plain = [...text.toLowerCase()].map((letter) => SPELLED[letter] ?? letter).join("");
  return plain
    .normalize("NFKD")
    .replace(MARKS, "")
    .replaceAll("'", "")
    .split(/[^a-z0-9]/)
    .filter(Boolean)
    .join("-");
}
