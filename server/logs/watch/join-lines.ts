import type { TextLine } from "./split-lines.ts";

/*
 * Joins what loggers write as several lines: stack traces. A line goes on with the one before when it begins with blanks,
 * or as traces of Java, JavaScript and Python do.
 */

/** Lines of one record; the next begins another. */
const MAX_LINES = 500;
const MAX_CHARACTERS = 65_536;
const CONTINUATION =
  /^(?:[ \t]|at \S|Caused by: |Suppressed: |\.\.\. \d+ more|Traceback \(most recent call last\):|During handling of the above exception|The above exception was the direct cause|(?:[a-z_]\w*\.)+[A-Z]\w*(?:Exception|Error)\b)/;
const PYTHON_TRACE = "Traceback (most recent call last):";
/** How a trace of Python ends: `ValueError: no`, `app.errors.Refused: no`. */
const PYTHON_END = /^[A-Za-z_][\w.]*(?::|$)/;
const INDENTED = /^[ \t]/;

/** Lines that belong together, as one text with line breaks in it. */
export interface JoinedLine extends TextLine {
  /** Whether no further line may go on with it. */
  isFull: boolean;
}

/** Joins lines; the last may still be gone on with by what is not read yet. */
export function joinLines(lines: readonly TextLine[]): JoinedLine[] {
  const records: JoinedLine[] = [];
  let count = 0;
  let before = "";
  for (const line of lines) {
    const last = records.at(-1);
    if (last && !last.isFull && goesOn(last.text, before, line.text)) {
      last.text += `\n${line.text}`;
      last.isDamaged ||= line.isDamaged;
      last.endsAt = line.endsAt;
      count++;
      last.isFull = count >= MAX_LINES || last.text.length >= MAX_CHARACTERS;
    } else {
      records.push({ ...line, isFull: line.text.length >= MAX_CHARACTERS });
      count = 1;
    }
    before = line.text;
  }
  return records;
}

/** Whether `text` belongs to the record, whose last line is `before`. */
function goesOn(record: string, before: string, text: string): boolean {
  // A document of JSON is a line of its own.
  if (record.startsWith("{")) return false;
  if (CONTINUATION.test(text)) return true;
  return INDENTED.test(before) && PYTHON_END.test(text) && record.includes(PYTHON_TRACE);
}
