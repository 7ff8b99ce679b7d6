import type { TextQuery } from "../text-query.ts";
import { LINE } from "./text.ts";

/** A line that may be a hit. */
export interface Candidate {
  /** Its place in the block. */
  index: number;
  text: string;
  lower: string;
}

/**
 * The lines of a block that may be hits, in their order. What every hit holds is looked for in the whole block at once;
 * only lines that hold it are cut out: taking every line by itself took several times as long.
 */
export function candidateLines(whole: string, query: TextQuery | undefined, wanted: Uint8Array): Candidate[] {
  const lower = query ? whole.toLowerCase() : whole;
  // A few letters change their length when they are folded; then places in both texts do not agree.
  if (query?.anchor === undefined || lower.length !== whole.length) return everyLine(whole, lower, wanted);
  const found: Candidate[] = [];
  let [index, start] = [0, 0];
  for (let hit = lower.indexOf(query.anchor); hit >= 0; ) {
    let end = lower.indexOf(LINE, start);
    while (end >= 0 && end < hit) {
      start = end + LINE.length;
      index++;
      end = lower.indexOf(LINE, start);
    }
    const stop = end < 0 ? lower.length : end;
    if (wanted[index]) found.push({ index, text: whole.slice(start, stop), lower: lower.slice(start, stop) });
    if (end < 0) break;
    hit = lower.indexOf(query.anchor, end);
  }
  return found;
}

function everyLine(whole: string, lower: string, wanted: Uint8Array): Candidate[] {
  const texts = whole.split(LINE);
  const folded = lower.split(LINE);
  const found: Candidate[] = [];
  for (const [index, text] of texts.entries()) {
    if (wanted[index]) found.push({ index, text, lower: folded[index] ?? "" });
  }
  return found;
}
