import { MAX_FRAME_BYTES, MAX_FRAME_DEPTH } from "../../../schema/plugin/rpc.ts";
import { tooDeepAt } from "../../lib/json-depth.ts";
import { JsonText } from "../../lib/json-text.ts";

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

/** Of UTF-8 for one unit of a JavaScript string. */
const MAX_BYTES_A_UNIT = 3;
/** Escaped or plain: only such a text is looked through. */
const SPEAKS_OF_PROTOTYPES = /__proto__|constructor|\\u/;

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * The value of a JSON text that comes from an untrusted process: UTF-8, nested no deeper than a frame may be, and
 * without keys by which merging it into another object would reach a prototype.
 * @throws JsonError
 */
export function decodeJson(bytes: Uint8Array): unknown {
  const text = textOf(bytes);
  if (tooDeepAt(text, MAX_FRAME_DEPTH) !== undefined) throw new JsonError("too_deep");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new JsonError("bad_json", cause);
  }
  if (SPEAKS_OF_PROTOTYPES.test(text) && hasPrototypeKey(value)) throw new JsonError("prototype_key");
  return value;
}

function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new JsonError("bad_json", cause);
  }
}

/**
 * JSON of `value` as a frame can carry it; `undefined` becomes null. A text that came through a channel passes as it is.
 * @throws JsonError
 */
export function encodeJson(value: unknown, maxBytes = MAX_FRAME_BYTES): string {
  if (value instanceof JsonText && Buffer.byteLength(value.text) <= maxBytes) return value.text;
  let text: string;
  try {
    text = JSON.stringify(value) ?? "null";
  } catch (cause) {
    throw new JsonError(cause instanceof RangeError ? "too_deep" : "not_json", cause);
  }
  if (text.length * MAX_BYTES_A_UNIT > maxBytes && Buffer.byteLength(text) > maxBytes) {
    throw new JsonError("too_large", undefined, sizeLine(maxBytes));
  }
  if (tooDeepAt(text, MAX_FRAME_DEPTH) !== undefined) throw new JsonError("too_deep");
  if (SPEAKS_OF_PROTOTYPES.test(text) && hasPrototypeKey(JSON.parse(text))) {
    throw new JsonError("prototype_key");
  }
  return text;
}

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
