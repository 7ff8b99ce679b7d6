const NEWLINE = 10;
const RETURN = 13;

/** A line of a file. */
export interface TextLine {
  text: string;
  /** Whether bytes of it were no UTF-8. */
  isDamaged: boolean;
  /** Where it ends in its piece, newline included. */
  endsAt: number;
}

/** Whole lines of a piece of a file. */
export interface SplitLines {
  lines: TextLine[];
  /** Bytes that the lines took, newlines included. */
  takenBytes: number;
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder("utf-8");

/**
 * Splits bytes at newlines; what follows the last one is left, unless `takeRest` says that nothing will follow it. Bytes
 * that are no UTF-8 are replaced, and the line says so. Empty lines are dropped.
 */
export function splitLines(bytes: Uint8Array, most: number, takeRest: boolean): SplitLines {
  const lines: SplitLines["lines"] = [];
  let at = 0;
  while (at < bytes.length && lines.length < most) {
    const newline = bytes.indexOf(NEWLINE, at);
    if (newline < 0 && !takeRest) break;
    const end = newline < 0 ? bytes.length : newline;
    const line = bytes.subarray(at, end > at && bytes[end - 1] === RETURN ? end - 1 : end);
    at = newline < 0 ? end : newline + 1;
    if (line.length > 0) lines.push({ ...decode(line), endsAt: at });
  }
  return { lines, takenBytes: at };
}

function decode(line: Uint8Array): { text: string; isDamaged: boolean } {
  try {
    return { text: strict.decode(line), isDamaged: false };
  } catch {
    return { text: lenient.decode(line), isDamaged: true };
  }
}
