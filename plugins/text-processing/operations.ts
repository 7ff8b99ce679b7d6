import { emailsIn, urlsIn } from "./addresses.ts";
import { camelCase, sentenceCase, separated, slug, titleCase } from "./case.ts";
import { differenceOf } from "./difference.ts";
import { fillTemplate } from "./template.ts";

/** What an operation is given besides the text; each says what it reads. */
export interface OperationInput {
  text: string;
  /** `replace`. */
  search?: string;
  replacement?: string;
  /** `template`. */
  values?: Record<string, unknown>;
  /** `difference`. */
  other?: string;
  /** `truncate`: characters. */
  length?: number;
}

interface Operation {
  /** What it does, for people. */
  about: string;
  run(input: OperationInput): unknown;
}

const DEFAULT_TRUNCATION = 80;
const ELLIPSIS = "…";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const words = new Intl.Segmenter(undefined, { granularity: "word" });

/** Name → what it does. Every one of them takes time in proportion to the text. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  upperCase: { about: "In capital letters", run: ({ text }) => text.toUpperCase() },
  lowerCase: { about: "In small letters", run: ({ text }) => text.toLowerCase() },
  titleCase: { about: "Each Word With A Capital", run: ({ text }) => titleCase(text) },
  sentenceCase: { about: "Each sentence with a capital", run: ({ text }) => sentenceCase(text) },
  camelCase: { about: "asAnIdentifier", run: ({ text }) => camelCase(text) },
  snakeCase: { about: "as_an_identifier", run: ({ text }) => separated(text, "_") },
  kebabCase: { about: "as-an-identifier", run: ({ text }) => separated(text, "-") },
  slug: {
    about: "As part of a URL: small letters, digits and dashes, without accents",
    run: ({ text }) => slug(text),
  },
  trim: {
    about: "Without spaces at the ends and runs of them inside; lines stay",
    run: ({ text }) => trimmed(text),
  },
  reverse: {
    about: "Backwards, by what people see as one character",
    run: ({ text }) => charactersOf(text).reverse().join(""),
  },
  truncate: {
    about: "At most `length` characters, ended by an ellipsis",
    run: ({ text, length }) => truncated(text, length),
  },
  replace: { about: "`search` replaced by `replacement`, both literal", run: replaced },
  template: {
    about: "{{name}} and {{a.b}} filled from `values`",
    run: ({ text, values = {} }) => fillTemplate(text, values),
  },
  sortLines: {
    about: "Lines in order",
    run: ({ text }) =>
      linesOf(text)
        .sort((a, b) => a.localeCompare(b))
        .join("\n"),
  },
  uniqueLines: {
    about: "Each line once, in the order they came",
    run: ({ text }) => [...new Set(linesOf(text))].join("\n"),
  },
  counts: { about: "Characters, words, lines, sentences, bytes", run: ({ text }) => countsOf(text) },
  emails: { about: "E-mail addresses in the text, each once", run: ({ text }) => emailsIn(text) },
  urls: { about: "http and https addresses in the text, each once", run: ({ text }) => urlsIn(text) },
  difference: {
    about: "Lines that `other` adds and removes",
    run: ({ text, other = "" }) => differenceOf(text, other),
  },
  sha256: { about: "SHA-256 in hex", run: ({ text }) => digest("SHA-256", text) },
  sha512: { about: "SHA-512 in hex", run: ({ text }) => digest("SHA-512", text) },
  base64Encode: { about: "UTF-8 bytes in Base64", run: ({ text }) => encoder.encode(text).toBase64() },
  base64Decode: {
    about: "Base64 of UTF-8 bytes, back",
    run: ({ text }) => decoder.decode(Uint8Array.fromBase64(text)),
  },
  hexEncode: { about: "UTF-8 bytes in hex", run: ({ text }) => encoder.encode(text).toHex() },
  hexDecode: {
    about: "Hex of UTF-8 bytes, back",
    run: ({ text }) => decoder.decode(Uint8Array.fromHex(text.trim())),
  },
  urlEncode: { about: "Percent-encoded", run: ({ text }) => encodeURIComponent(text.toWellFormed()) },
  urlDecode: { about: "Percent-encoding undone", run: ({ text }) => decodeURIComponent(text) },
};

function replaced({ text, search, replacement = "" }: OperationInput): string {
  if (!search) throw new Error('"search" is missing.');
  return text.split(search).join(replacement);
}

const linesOf = (text: string): string[] => text.split(/\r\n|\r|\n/);

const charactersOf = (text: string): string[] =>
  Array.from(graphemes.segment(text), ({ segment }) => segment);

function truncated(text: string, length = DEFAULT_TRUNCATION): string {
  if (!Number.isInteger(length) || length < 1) throw new Error('"length" is a whole number of at least 1.');
  const characters = charactersOf(text);
  return characters.length <= length ? text : characters.slice(0, length - 1).join("") + ELLIPSIS;
}

const trimmed = (text: string): string =>
  linesOf(text)
    .map((line) => line.split(/[\t ]/).filter(Boolean).join(" "))
    .join("\n")
    .trim();

function countsOf(text: string): Record<string, number> {
  return {
    characters: charactersOf(text).length,
    words: Array.from(words.segment(text)).filter(({ isWordLike }) => isWordLike).length,
    lines: text === "" ? 0 : linesOf(text).length,
    sentences: Array.from(new Intl.Segmenter(undefined, { granularity: "sentence" }).segment(text)).length,
    bytes: encoder.encode(text).length,
  };
}

async function digest(algorithm: string, text: string): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest(algorithm, encoder.encode(text))).toHex();
}
