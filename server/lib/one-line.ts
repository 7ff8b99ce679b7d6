/** Control characters, those that turn the direction of writing, and what else breaks lines. */
const STEERING = /[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/gu;
const HEX_DIGITS = 4;

/** Text on one line that steers no terminal: what would break or steer is written out as in JSON, `\n` or `\u009b`. */
export const onOneLine = (text: string): string => text.replace(STEERING, writtenOut);

function writtenOut(character: string): string {
  const short = JSON.stringify(character).slice(1, -1);
  // JSON leaves DEL, the C1 controls and direction marks as they are.
  return short === character ? `\\u${character.charCodeAt(0).toString(16).padStart(HEX_DIGITS, "0")}` : short;
}
