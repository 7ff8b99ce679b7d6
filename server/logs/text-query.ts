import { LOG_QUERY_TERM, MAX_LOG_QUERY_LENGTH } from "../../schema/rules/log-query.ts";
import { AppError } from "../errors/app-error.ts";
import { indexExpression, wordsOf } from "./store/index-terms.ts";
import { FIELD, JSON_MARK, VALUE } from "./store/text.ts";

/*
 * What people search for: `timeout "connection reset" -healthz status=502 user*`. Words are whole words in any case;
 * a word with marks within (10.0.0.1) is the phrase of its parts. A star ends the beginning of a word.
 */

export const MAX_QUERY_LENGTH = MAX_LOG_QUERY_LENGTH;
const MAX_TERMS = 20;
/** Words, those within phrases included: a line that repeats a word makes each further one as dear as the first. */
const MAX_WORDS = 64;
/** Scripts whose words SQLite's tokenizer and we split and fold alike; others are looked for without the index. */
const INDEXED = /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Nd}]+$/u;
const WORD_START = "(?<![\\p{L}\\p{N}\\p{Co}])";
const WORD_END = "(?![\\p{L}\\p{N}\\p{Co}])";
const BETWEEN_WORDS = "[^\\p{L}\\p{N}\\p{Co}]+";

/** A line's text twice, so that nobody folds it twice. */
export interface FoldedText {
  text: string;
  lower: string;
}

interface Term {
  isNegated: boolean;
  /** Which blocks may hold it, in the words of FTS5; undefined when the index cannot tell. */
  index: string | undefined;
  /** What the text must hold for the dearer test to be worth it, in lower case. */
  hints: readonly string[];
  test: (line: FoldedText) => boolean;
}

/** A search as it was written, ready to be applied. */
export interface TextQuery {
  readonly text: string;
  /** FTS5 expression of the blocks that may hold a hit; undefined when every block may. */
  readonly index: string | undefined;
  /** What every hit holds, in lower case, the longest there is; undefined when nothing is that certain. */
  readonly anchor: string | undefined;
  matches(line: FoldedText): boolean;
}

/**
 * Reads a search. An empty one is undefined.
 * @throws AppError `validation_failed`
 */
export function parseTextQuery(text: string): TextQuery | undefined {
  if (text.length > MAX_QUERY_LENGTH) throw wrong(`A search has at most ${MAX_QUERY_LENGTH} characters.`);
  const terms = [...text.matchAll(LOG_QUERY_TERM)].flatMap(([, minus, key, quoted, word]) =>
    termOf({ isNegated: minus === "-", key, value: quoted ?? word ?? "", isQuoted: quoted !== undefined }),
  );
  if (terms.length === 0) return undefined;
  if (terms.length > MAX_TERMS) throw wrong(`A search has at most ${MAX_TERMS} words or phrases.`);
  if (terms.reduce((sum, { hints }) => sum + hints.length, 0) > MAX_WORDS) {
    throw wrong(`A search has at most ${MAX_WORDS} words, those of its phrases included.`);
  }
  const indexed = terms.flatMap(({ isNegated, index }) => (isNegated || index === undefined ? [] : index));
  return {
    text,
    index: indexed.length === 0 ? undefined : indexed.join(" AND "),
    anchor: terms
      .flatMap(({ isNegated, hints }) => (isNegated ? [] : hints))
      .reduce<string | undefined>(
        (best, hint) => (hint.length > (best?.length ?? 0) ? hint : best),
        undefined,
      ),
    matches: (line) => terms.every((term) => holds(term, line) !== term.isNegated),
  };
}

const holds = ({ hints, test }: Term, line: FoldedText): boolean =>
  hints.every((hint) => line.lower.includes(hint)) && test(line);

interface WrittenTerm {
  isNegated: boolean;
  key: string | undefined;
  value: string;
  isQuoted: boolean;
}

function termOf({ isNegated, key, value, isQuoted }: WrittenTerm): Term[] {
  if (key !== undefined) return [fieldTerm(isNegated, key, value)];
  const isPrefix = !isQuoted && value.endsWith("*");
  const words = wordsOf(value);
  if (words.length === 0) return literalTerm(isNegated, value);
  return [{ isNegated, hints: words.map((word) => word.toLowerCase()), ...phrase(words, isPrefix) }];
}

/** Words in their order, nothing but marks and spaces between. */
function phrase(words: readonly string[], isPrefix: boolean): Pick<Term, "index" | "test"> {
  const source = words.map((word) => RegExp.escape(word)).join(BETWEEN_WORDS);
  const [first = "", last = ""] = [words[0], words.at(-1)];
  // Scripts without spaces have no words to begin or end.
  const start = INDEXED.test(first) ? WORD_START : "";
  const end = INDEXED.test(last) && !isPrefix ? WORD_END : "";
  const pattern = new RegExp(start + source + end, "iu");
  return { index: indexOf(words, isPrefix), test: ({ text }) => pattern.test(text) };
}

/** Only marks: looked for as they are. */
function literalTerm(isNegated: boolean, value: string): Term[] {
  const hint = value.toLowerCase();
  return hint === "" ? [] : [{ isNegated, index: undefined, hints: [hint], test: () => true }];
}

/** The field has that very value, in any case; a number equals its digits. */
function fieldTerm(isNegated: boolean, key: string, value: string): Term {
  const start = `${FIELD}${key.toLowerCase()}${VALUE}`;
  const wanted = value.toLowerCase();
  const test = ({ lower }: FoldedText): boolean => {
    const at = lower.indexOf(start);
    if (at < 0) return false;
    const from = at + start.length + (lower.startsWith(JSON_MARK, at + start.length) ? 1 : 0);
    const end = lower.indexOf(FIELD, from);
    return lower.slice(from, end < 0 ? undefined : end) === wanted;
  };
  const words = [...wordsOf(key), ...wordsOf(value)];
  return { isNegated, index: indexOf(words, false), hints: wanted === "" ? [start] : [start, wanted], test };
}

function indexOf(words: readonly string[], isPrefix: boolean): string | undefined {
  const known = words.flatMap((word, at) => {
    if (!INDEXED.test(word)) return [];
    return indexExpression(word, isPrefix && at === words.length - 1) ?? [];
  });
  return known.length === 0 ? undefined : known.join(" AND ");
}

function wrong(message: string): AppError {
  return new AppError("validation_failed", message, { issues: [{ path: "text", message }] });
}
