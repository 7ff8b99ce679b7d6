import { LOG_QUERY_TERM } from "../../schema/rules/log-query.ts";

/** A part of a text, and whether it is what was looked for. */
export interface Marked {
  text: string;
  isHit: boolean;
}

/** What is found of a text; the whole of it when nothing was looked for. */
export type Marker = (text: string) => Marked[];

const WORD = /[\p{L}\p{N}\p{Co}]+/gu;
const BETWEEN = "[^\\p{L}\\p{N}\\p{Co}]+";
const START = "(?<![\\p{L}\\p{N}\\p{Co}])";
const END = "(?![\\p{L}\\p{N}\\p{Co}])";
const FIELD_NAME = /^[\p{L}\p{N}_.-]+$/u;

/** Marks the words, phrases and beginnings that a search asks for; what it leaves out and fields are not marked. */
export function markerOf(query: string): Marker {
  const sources = [...query.matchAll(LOG_QUERY_TERM)].flatMap(([, minus, field, quoted, word = ""]) =>
    minus === "-" || field !== undefined ? [] : patternOf(quoted ?? word, quoted !== undefined),
  );
  if (sources.length === 0) return (text) => [{ text, isHit: false }];
  const pattern = new RegExp(`(${sources.join("|")})`, "giu");
  // What is captured stands at every other place.
  return (text) =>
    text
      .split(pattern)
      .map((part, index) => ({ text: part, isHit: index % 2 === 1 }))
      .filter((part) => part.text !== "");
}

function patternOf(value: string, isQuoted: boolean): string[] {
  const words = value.match(WORD) ?? [];
  if (words.length === 0) return value === "" ? [] : [escaped(value)];
  const isBeginning = !isQuoted && value.endsWith("*");
  return [START + words.map(escaped).join(BETWEEN) + (isBeginning ? "" : END)];
}

/** As a pattern with the flag `u` takes it, which forbids a backslash before any other character. */
const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

/** The term that asks for lines whose field has that value, or has not; undefined when the language has no words for it. */
export function fieldTerm(name: string, value: unknown, isWanted: boolean): string | undefined {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (!FIELD_NAME.test(name) || text === undefined || text === "" || /["\n]/.test(text)) return undefined;
  const written = /^[\p{L}\p{N}_./:-]+$/u.test(text) ? text : `"${text}"`;
  return `${isWanted ? "" : "-"}${name}=${written}`;
}

/** The search with a term added, once. */
export function withTerm(query: string, term: string): string {
  const terms = [...query.matchAll(LOG_QUERY_TERM)].map(([whole]) => whole);
  return terms.includes(term) ? query : [query.trim(), term].filter((part) => part !== "").join(" ");
}
