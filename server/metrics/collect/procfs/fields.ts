const LINE_FEED = 10;
const SPACE = 32;
const TAB = 9;
const MINUS = 45;
const ZERO = 48;
const NINE = 57;

/**
 * Calls `visit` with the bounds of each complete line. A last line without its line feed was cut off by the
 * reading buffer, so its last number may be wrong: it is left out.
 */
export function eachLine(text: string, visit: (start: number, end: number) => void): void {
  let start = 0;
  for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
    visit(start, end);
    start = end + 1;
  }
}

/**
 * Reads blank-separated whole numbers from `start` into `into`, until the line ends, something else than a number
 * comes, or `into` is full. Hand-written because a split and a `Number` for each of the thousands of columns of a
 * large machine's /proc/stat cost ten times as much.
 * @returns how many numbers were read.
 */
export function readNumbers(text: string, start: number, into: Float64Array): number {
  let at = start;
  for (let count = 0; count < into.length; count += 1) {
    let code = text.charCodeAt(at);
    while (code === SPACE || code === TAB) code = text.charCodeAt(++at);
    const negative = code === MINUS;
    if (negative) code = text.charCodeAt(++at);
    if (!(code >= ZERO && code <= NINE)) return count;
    let value = 0;
    while (code >= ZERO && code <= NINE) {
      value = value * 10 + (code - ZERO);
      code = text.charCodeAt(++at);
    }
    if (!(code === SPACE || code === TAB || code === LINE_FEED || Number.isNaN(code))) return count;
    into[count] = negative ? -value : value;
  }
  return into.length;
}
