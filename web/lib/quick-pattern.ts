const MAX_PATTERN = 300;
/** Quantifiers without a small upper bound that one pattern may hold: the time grows with the length to this power. */
const MAX_OPEN_QUANTIFIERS = 3;
const LARGEST_BOUND = 100;
/** A longer text is left to the server. */
const MAX_SUBJECT = 300;

/**
 * Tests a text by a pattern of somebody else's, in a time that is bounded: patterns in which a group is repeated, that look
 * back or ahead, or that hold many open quantifiers are not run at all.
 * @returns undefined when this side cannot tell, which is the server's to say.
 */
export function matchesQuickly(pattern: string, text: string): boolean | undefined {
  if (text.length > MAX_SUBJECT || !isQuick(pattern)) return undefined;
  try {
    return new RegExp(pattern, "u").test(text);
  } catch {
    // No regular expression: the plugin's fault, of which the server tells.
    return undefined;
  }
}

function isQuick(pattern: string): boolean {
  if (pattern.length > MAX_PATTERN) return false;
  const plain = pattern.replace(/\\[^1-9k]/g, "x").replace(/\[[^\]]*\]/g, "x");
  if (/\\|\(\?[=!<]|\)[*+?{]/.test(plain)) return false;
  const open = plain.match(/[*+]|\{\d+,\}/g) ?? [];
  const bounds = [...plain.matchAll(/\{\d*,?(\d+)\}/g)].map(([, bound]) => Number(bound));
  return open.length <= MAX_OPEN_QUANTIFIERS && bounds.every((bound) => bound <= LARGEST_BOUND);
}
