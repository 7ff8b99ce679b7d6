import type { TextLine } from "./split-lines.ts";
import { goesOn, type RecordSoFar, SEARCHED_CHARACTERS, traceBeginningWith } from "./traces.ts";

/** Lines of one record; the next begins another. */
const MAX_LINES = 500;
const MAX_CHARACTERS = 65_536;

/** Lines that belong together, as one text with line breaks in it. */
export interface JoinedLine extends TextLine {
  /** Whether no further line may go on with it. */
  isFull: boolean;
}

/** Joins what was written as several lines, stack traces above all; the last may still be gone on with by what is not read yet. */
export function joinLines(lines: readonly TextLine[]): JoinedLine[] {
  const records: JoinedLine[] = [];
  let count = 0;
  let soFar: RecordSoFar | undefined;
  for (const line of lines) {
    const last = records.at(-1);
    const start = line.text.slice(0, SEARCHED_CHARACTERS);
    const trace = traceBeginningWith(start);
    if (last && soFar && !last.isFull && goesOn(soFar, start, trace)) {
      last.text += `\n${line.text}`;
      last.isDamaged ||= line.isDamaged;
      last.endsAt = line.endsAt;
      count++;
      last.isFull = count >= MAX_LINES || last.text.length >= MAX_CHARACTERS;
      soFar = { ...soFar, trace: trace ?? soFar.trace, before: start };
    } else {
      records.push({ ...line, isFull: line.text.length >= MAX_CHARACTERS });
      count = 1;
      soFar = { head: start, trace, before: start };
    }
  }
  return records;
}
