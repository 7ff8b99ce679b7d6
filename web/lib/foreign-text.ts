/** Characters that draw nothing, break lines or turn the direction of what follows: they could make one text look like another. */
const DECEIVING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}]/gu;
/** The same, but for the line breaks and tabs that a block of text may hold. */
const DECEIVING_IN_BLOCK = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}]/gu;
const MAX_LINE = 300;
const MAX_BLOCK = 100_000;

const escaped = (character: string): string =>
  `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;

/** Text that somebody else wrote, on one line: invisible and direction-turning characters are written out, long texts are cut. */
export function foreignText(text: string, maxLength = MAX_LINE): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  return cut.replace(DECEIVING, escaped);
}

/** The same for a block of text, whose line breaks and tabs stay. */
export function foreignBlock(text: string, maxLength = MAX_BLOCK): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}\n…` : text;
  return cut.replace(DECEIVING_IN_BLOCK, escaped);
}

/** Any JSON value as text on one line. */
export function foreignValue(value: unknown, maxLength = MAX_LINE): string {
  if (value === undefined || value === null) return "–";
  return foreignText(typeof value === "string" ? value : JSON.stringify(value), maxLength);
}

/** The address when it is one that a link may lead to; a script's address is none. */
export function safeHref(text: string): string | undefined {
  const url = URL.parse(text);
  return url !== null && (url.protocol === "https:" || url.protocol === "http:") ? url.href : undefined;
}
