/*
 * What the index knows of a text: its words, each once a block. An identifier (a trace id, an address of a session, a
 * time in digits) would be most of the index and stands there as a few characters of it and of its hash: the index only
 * names the blocks that may hold it, and the lines themselves are looked at.
 */

const WORD = /[\p{L}\p{N}\p{Co}]+/gu;
const IDENTIFIER = /^(?=.*\d)[0-9a-z]{10,}$/;
/** Sets identifiers apart, so that the beginning of one can be looked for. */
const MARK = "zq";
const KEPT_CHARACTERS = 4;
const HASH_CHARACTERS = 4;
const HASH_BASE = 36;
/** A shorter beginning is that of so many words that looking at the newest lines is quicker. */
const MIN_PREFIX_CHARACTERS = 3;

/** The words of a text. */
export const wordsOf = (text: string): string[] => text.match(WORD) ?? [];

/** Every different term of a text. */
export const indexTerms = (text: string): string[] => [
  ...new Set([...new Set(wordsOf(text))].map(indexTerm)),
];

/** What stands in the index for a word. */
export function indexTerm(word: string): string {
  const lower = word.toLowerCase();
  if (!IDENTIFIER.test(lower)) return lower;
  const hash = (Bun.hash.xxHash32(lower) % HASH_BASE ** HASH_CHARACTERS).toString(HASH_BASE);
  return MARK + lower.slice(0, KEPT_CHARACTERS) + hash.padStart(HASH_CHARACTERS, "0");
}

/** FTS5 expression of the blocks that may hold a word, or one that begins so; undefined when looking is not worth it. */
export function indexExpression(word: string, isPrefix: boolean): string | undefined {
  if (!isPrefix) return `"${indexTerm(word)}"`;
  const lower = word.toLowerCase();
  if (lower.length < MIN_PREFIX_CHARACTERS) return undefined;
  return `("${lower}"* OR "${MARK}${lower.slice(0, KEPT_CHARACTERS)}"*)`;
}
