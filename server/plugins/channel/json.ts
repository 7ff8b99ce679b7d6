import { MAX_FRAME_BYTES, MAX_FRAME_DEPTH } from "../../../schema/plugin/rpc.ts";

/** Why a payload is not taken, or cannot be sent. */
export type JsonRefusal = "bad_json" | "too_deep" | "prototype_key" | "too_large" | "not_json";

const sizeLine = (maxBytes: number): string =>
  `The value takes more than ${maxBytes} bytes as JSON: send it as a stream, or in parts.`;

const SENTENCES = {
  bad_json: "The message is not JSON in UTF-8.",
  too_deep: `The value is nested deeper than ${MAX_FRAME_DEPTH} levels.`,
  prototype_key: "The value has a key that would change an object's prototype.",
  too_large: sizeLine(MAX_FRAME_BYTES),
  not_json: "The value cannot be written as JSON: it holds a circle or a BigInt.",
} as const satisfies Record<JsonRefusal, string>;

export class JsonError extends Error {
  override readonly name = "JsonError";
  readonly refusal: JsonRefusal;

  constructor(refusal: JsonRefusal, cause?: unknown, message: string = SENTENCES[refusal]) {
    super(message, { cause });
    this.refusal = refusal;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** `[` and `{`, `]` and `}` differ in one bit only. */
const CASE_BIT = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * The value of a JSON text that comes from an untrusted process: UTF-8, nested no deeper than a frame may be, and
 * without keys by which merging it into another object would reach a prototype.
 * @throws JsonError
 */
export function decodeJson(bytes: Uint8Array): unknown {
  if (isTooDeep(bytes)) throw new JsonError("too_deep");
  let text: string;
  let value: unknown;
  try {
    text = decoder.decode(bytes);
    value = JSON.parse(text);
  } catch (cause) {
    throw new JsonError("bad_json", cause);
  }
  if (maySpeakOfPrototypes(text) && hasPrototypeKey(value)) throw new JsonError("prototype_key");
  return value;
}

/** JSON of `value` as a frame can carry it; `undefined` becomes null. @throws JsonError */
export function encodeJson(value: unknown, maxBytes = MAX_FRAME_BYTES): Uint8Array {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw new JsonError(cause instanceof RangeError ? "too_deep" : "not_json", cause);
  }
  const bytes = Buffer.from(text ?? "null");
  if (bytes.length > maxBytes) throw new JsonError("too_large", undefined, sizeLine(maxBytes));
  if (isTooDeep(bytes)) throw new JsonError("too_deep");
  if (text && maySpeakOfPrototypes(text) && hasPrototypeKey(JSON.parse(text))) {
    throw new JsonError("prototype_key");
  }
  return bytes;
}

/** Looks at brackets outside of texts, before anything is parsed. */
function isTooDeep(bytes: Uint8Array): boolean {
  let depth = 0;
  let isText = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (isText) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) isText = false;
    } else if (byte === QUOTE) {
      isText = true;
    } else if ((byte | CASE_BIT) === OPENING) {
      if (++depth > MAX_FRAME_DEPTH) return true;
    } else if ((byte | CASE_BIT) === CLOSING) {
      depth--;
    }
  }
  return false;
}

/** Escaped or plain: only such a text is looked through. */
const maySpeakOfPrototypes = (text: string): boolean =>
  text.includes("__proto__") || text.includes("constructor") || text.includes("\\u");

function hasPrototypeKey(value: unknown): boolean {
  const left: unknown[] = [value];
  while (left.length > 0) {
    const one = left.pop();
    if (typeof one !== "object" || one === null) continue;
    if (!Array.isArray(one) && speaksOfPrototype(one)) return true;
    for (const inner of Object.values(one)) if (typeof inner === "object") left.push(inner);
  }
  return false;
}

/** `__proto__` in any form; `constructor` only where it leads to a `prototype`: alone it is a word like others. */
function speaksOfPrototype(object: object): boolean {
  if (Object.hasOwn(object, "__proto__")) return true;
  if (!Object.hasOwn(object, "constructor")) return false;
  const inner: unknown = object.constructor;
  return typeof inner === "object" && inner !== null && Object.hasOwn(inner, "prototype");
}
