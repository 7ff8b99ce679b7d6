import type { MaskName } from "../../schema/rules/log-masks.ts";
import { FIELD, VALUE } from "./store/text.ts";

/*
 * What looks like a secret in the text of a line: replaced before anything is stored. A pattern is only tried on a line
 * that holds its hint, which most lines do not; none of them can take more than linear time.
 */

const MASKED = "[redacted]";
const LUHN_BASE = 10;

interface Mask {
  /** What a line must hold for the pattern to be tried. */
  hint: RegExp;
  pattern: RegExp;
  replace: (found: string, ...groups: (string | undefined)[]) => string;
}

const keepFirst = (_found: string, kept = ""): string => kept + MASKED;

const SECRET_NAME = "(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|authorization|cookie)";
/** Fields of structured lines: `FIELD key VALUE value`. */
const SECRET_FIELD = `(${FIELD}[^${VALUE}${FIELD}]{0,200}${SECRET_NAME}[^${VALUE}${FIELD}]{0,200}${VALUE})[^${FIELD}]+`;
/** Within a plain message: `password=…`, `"api_key": "…"`. */
const SECRET_PAIR = `(${SECRET_NAME}["']?[ \\t]{0,3}[=:][ \\t]{0,3}["']?)(?:(?:Bearer|Basic) )?[^\\s"'&,;${FIELD}${VALUE}]+`;

const MASKS: Readonly<Record<MaskName, readonly Mask[]>> = {
  secretFields: [
    { hint: new RegExp(SECRET_NAME, "i"), pattern: new RegExp(SECRET_FIELD, "gi"), replace: keepFirst },
    { hint: new RegExp(SECRET_NAME, "i"), pattern: new RegExp(SECRET_PAIR, "gi"), replace: keepFirst },
  ],
  authorization: [
    {
      hint: /\b(?:Bearer|Basic) /i,
      pattern: /\b((?:Bearer|Basic) )[\w.~+/-]{8,}=*/gi,
      replace: keepFirst,
    },
  ],
  jwt: [
    {
      hint: /eyJ/,
      // What follows the first part may be missing: then the part is passed over as a whole, not begun again within it.
      pattern: /\beyJ[\w-]{8,}(\.[\w-]{8,}\.[\w-]*)?/g,
      replace: (found, rest) => (rest === undefined ? found : MASKED),
    },
  ],
  privateKeys: [
    {
      hint: /PRIVATE KEY-----/,
      pattern: /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]*(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?/g,
      replace: () => MASKED,
    },
  ],
  urlPasswords: [
    { hint: /:\/\/[^/]*@/, pattern: /(:\/\/[^\s:@/]{0,200}:)[^\s@/]{1,500}(?=@)/g, replace: keepFirst },
  ],
  cardNumbers: [
    {
      hint: /\d{4}[ -]?\d{4}/,
      pattern: /\b\d(?:[ -]?\d){12,18}\b/g,
      replace: (found) => (isCardNumber(found) ? MASKED : found),
    },
  ],
};

/** What masks a text by the patterns of these names. */
export function maskerOf(names: readonly MaskName[]): (text: string) => string {
  const masks = names.flatMap((name) => MASKS[name]);
  return (text) => {
    let masked = text;
    for (const { hint, pattern, replace } of masks) {
      if (hint.test(masked)) masked = masked.replace(pattern, replace);
    }
    return masked;
  };
}

/** Luhn's check (ISO/IEC 7812-1). */
function isCardNumber(text: string): boolean {
  const digits = [...text.replace(/\D/g, "")].map(Number).reverse();
  const sum = digits.reduce((total, digit, place) => {
    const weighed = place % 2 === 1 ? digit * 2 : digit;
    return total + (weighed >= LUHN_BASE ? weighed - (LUHN_BASE - 1) : weighed);
  }, 0);
  return sum % LUHN_BASE === 0;
}
