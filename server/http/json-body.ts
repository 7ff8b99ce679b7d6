import { AppError } from "../errors/app-error.ts";
import { tooDeepAt } from "../lib/json-depth.ts";
import type { Exchange } from "./exchange.ts";

/** Limits on what a JSON body may hold, beside its size. */
export const JSON_LIMITS = { depth: 32, stringLength: 262_144, listLength: 10_000, keys: 10_000 } as const;

/** What JavaScript calls to write an object as a text. */
const NAMES_OF_CONVERSIONS = ["toString", "valueOf"];

const JSON_TYPE = /^application\/(?:[a-z0-9.+-]+\+)?json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/**
 * The body as a JSON value; undefined when there is none.
 * @throws AppError `unsupported_media_type`, `body_too_large`, `invalid_request`
 */
export async function readJson(exchange: Exchange): Promise<unknown> {
  const { request } = exchange;
  const type = request.headers.get("content-type");
  if (type === null || !JSON_TYPE.test(type)) {
    if (type === null && request.body === null) return undefined;
    throw new AppError("unsupported_media_type", "Send the body as application/json in UTF-8.");
  }
  return parseJson(await readText(exchange));
}

/**
 * The body as text; one without an announced length is counted while it is read.
 * @throws AppError `body_too_large`, `invalid_request` when the client goes away meanwhile
 */
export async function readText(exchange: Exchange): Promise<string> {
  const { request } = exchange;
  if (request.headers.has("content-length")) return whole(request.text());
  return (await whole(readChunks(exchange))).toString("utf8");
}

/**
 * The body as bytes, of one of `types`; counted while it is read.
 * @throws AppError `unsupported_media_type`, `body_too_large`, `invalid_request` when the client goes away meanwhile
 */
export async function readBytes(exchange: Exchange, types: readonly string[]): Promise<Uint8Array> {
  const { request } = exchange;
  const type = request.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (!types.includes(type)) {
    throw new AppError("unsupported_media_type", `Send the body as one of ${types.join(", ")}.`);
  }
  return whole(readChunks(exchange));
}

async function readChunks({ request, bodyLimitBytes }: Exchange): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of request.body ?? []) {
    sizeBytes += chunk.length;
    if (sizeBytes > bodyLimitBytes) throw bodyTooLarge(bodyLimitBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A client that goes away before it has sent everything is no fault of ours: strangers could make incidents of it. */
async function whole<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    if (!(cause instanceof Error) || cause.name !== "AbortError") throw cause;
    throw new AppError("invalid_request", "The body ended before all of it was there.", { cause });
  }
}

/** What a body over the limit is refused with. */
export const bodyTooLarge = (limitBytes: number): AppError =>
  new AppError("body_too_large", `A body has at most ${limitBytes} bytes here.`);

/** Parses JSON within {@link JSON_LIMITS}; the depth is counted before parsing. @throws AppError `invalid_request` */
export function parseJson(text: string): unknown {
  if (tooDeepAt(text, JSON_LIMITS.depth) !== undefined) {
    throw new AppError("invalid_request", `JSON nests at most ${JSON_LIMITS.depth} levels here.`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new AppError("invalid_request", "The body is not valid JSON.", { cause });
  }
  checkSizes(value);
  return value;
}

function checkSizes(value: unknown): void {
  if (typeof value === "string") refuseAbove(value.length, JSON_LIMITS.stringLength, "characters in a text");
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    refuseAbove(value.length, JSON_LIMITS.listLength, "items in a list");
    for (const item of value) checkSizes(item);
    return;
  }
  if (NAMES_OF_CONVERSIONS.some((name) => Object.hasOwn(value, name))) {
    // What the sender calls so is no function: whoever writes the object into a sentence would fail.
    Object.defineProperty(value, Symbol.toPrimitive, { value: () => "[object Object]" });
  }
  const entries = Object.entries(value);
  refuseAbove(entries.length, JSON_LIMITS.keys, "keys in an object");
  for (const [key, item] of entries) {
    if (key === "__proto__") throw new AppError("invalid_request", "A key is not named __proto__ here.");
    checkSizes(item);
  }
}

function refuseAbove(count: number, limit: number, what: string): void {
  if (count > limit) throw new AppError("invalid_request", `There are at most ${limit} ${what} here.`);
}
