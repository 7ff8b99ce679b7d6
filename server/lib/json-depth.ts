const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** `[` and `{`, `]` and `}` differ in one bit only. */
const CASE_BIT = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;

/**
 * Where objects and lists of a JSON text nest deeper than `maxDepth`; undefined when they never do. It looks at brackets
 * outside of strings, before anything is parsed: a parser takes a stack frame a level.
 */
export const tooDeepAt = (text: string, maxDepth: number): number | undefined =>
  beyondBoundsAt(text, { depth: maxDepth, count: Number.POSITIVE_INFINITY });

/** Where objects and lists of a JSON text nest too deep, or are too many: each costs far more memory than its two characters. */
export function beyondBoundsAt(text: string, most: { depth: number; count: number }): number | undefined {
  let depth = 0;
  let count = 0;
  let isString = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (isString) {
      if (unit === BACKSLASH) at++;
      else if (unit === QUOTE) isString = false;
    } else if (unit === QUOTE) {
      isString = true;
    } else if ((unit | CASE_BIT) === OPENING) {
      if (++depth > most.depth || ++count > most.count) return at;
    } else if ((unit | CASE_BIT) === CLOSING) {
      depth--;
    }
  }
  return undefined;
}
