import { AppError } from "../errors/app-error.ts";
import { parseSeriesKey, type SeriesDefinition, seriesKey } from "./series.ts";

const MAX_FILTER_ITEMS = 100;
const MAX_FILTER_LENGTH = 8_192;

/** A choice of series: by name (every series of it) or by whole key. */
export interface SeriesFilter {
  /** Canonical text: two filters of the same text choose the same; empty for the one that takes all. */
  readonly text: string;
  matches(series: Pick<SeriesDefinition, "name" | "key">): boolean;
}

/** Chooses every series. */
export const ALL_SERIES: SeriesFilter = { text: "", matches: () => true };

/**
 * Makes a filter of names and keys; nothing given takes all.
 * @throws AppError `invalid_request` when an item is neither, or there are more than 100.
 */
export function seriesFilter(items: readonly string[]): SeriesFilter {
  if (items.length === 0) return ALL_SERIES;
  if (items.length > MAX_FILTER_ITEMS) {
    throw new AppError("invalid_request", `At most ${MAX_FILTER_ITEMS} series can be chosen at once.`);
  }
  const chosen = new Set(items.map(canonicalKey));
  const text = [...chosen].sort().join(",");
  return { text, matches: (series) => chosen.has(series.name) || chosen.has(series.key) };
}

/**
 * Reads a comma list of names and keys as it stands in a URL; commas within braces or quotes belong to a key.
 * @throws AppError `invalid_request`
 */
export function parseSeriesList(text: string): string[] {
  if (text.length > MAX_FILTER_LENGTH) {
    throw new AppError(
      "invalid_request",
      `The list of series is longer than ${MAX_FILTER_LENGTH} characters.`,
    );
  }
  const items: string[] = [];
  let start = 0;
  let isQuoted = false;
  let isBraced = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (isQuoted && character === "\\") at += 1;
    else if (character === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (character === "{") isBraced = true;
    else if (character === "}") isBraced = false;
    else if (character === "," && !isBraced) {
      items.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  items.push(text.slice(start).trim());
  return items.filter((item) => item !== "");
}

/** A key with its labels in order. @throws AppError `invalid_request` */
export function canonicalKey(key: string): string {
  const { name, labels } = parseSeriesKey(key);
  return seriesKey(name, labels);
}
