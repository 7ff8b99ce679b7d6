/** Values shorter than this are not looked for: they would be found everywhere. UTF-16 units. */
export const MIN_REDACTED_LENGTH = 6;
/** Lines of a value of several lines (a private key) are looked for by themselves from this length on. */
const MIN_LINE_LENGTH = 16;
/** `-----BEGIN PRIVATE KEY-----` says nothing. */
const ARMOUR = "-----";
const MAX_LINES = 200;

/** Every way a value may be written in what leaves the process: as it is, and as the usual encodings write it. */
export function formsOf(value: string): string[] {
  const forms = new Set([...textForms(value), ...byteForms(value)]);
  for (const line of linesOf(value)) for (const form of textForms(line)) forms.add(form);
  return [...forms].filter((form) => form.length >= MIN_REDACTED_LENGTH);
}

function linesOf(value: string): string[] {
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  if (lines.length < 2) return [];
  return lines
    .filter((line) => line.length >= MIN_LINE_LENGTH && !line.startsWith(ARMOUR))
    .slice(0, MAX_LINES);
}

function textForms(value: string): string[] {
  // Three deep: JSON within a text of a document that is kept as text and answered as JSON.
  const json = inJson(value);
  const jsonTwice = inJson(json);
  const ascii = json.replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  const url = encodeURIComponent(value.toWellFormed());
  const form = new URLSearchParams([["", value]]).toString().slice(1);
  const html = value
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
  return [
    value,
    value.trim(),
    json,
    ascii,
    jsonTwice,
    inJson(jsonTwice),
    url,
    lowerEscapes(url),
    form,
    lowerEscapes(form),
    html,
  ];
}

function byteForms(value: string): string[] {
  const bytes = Buffer.from(value, "utf8");
  const hex = bytes.toString("hex");
  return [hex, hex.toUpperCase(), ...[0, 1, 2].flatMap((offset) => base64Forms(bytes, offset))];
}

/**
 * What base64 makes of the bytes when `offset` others stand before them in their group of three (`user:password`): the
 * letters that depend on these bytes alone.
 */
function base64Forms(bytes: Buffer, offset: number): string[] {
  const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
  const inner = text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
  return [inner, inner.replaceAll("+", "-").replaceAll("/", "_")];
}

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

const lowerEscapes = (text: string): string => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
