import { promisify } from "node:util";
import { gunzip, zstdDecompress } from "node:zlib";
import { AppError, errorCodeOf } from "../errors/app-error.ts";
import { beyondBoundsAt } from "../lib/json-depth.ts";

/** A body is at most this long once it is unpacked: what is packed well must not fill the memory. */
const MAX_UNPACKED_BYTES = 8 * 1_024 * 1_024;
/** Objects and lists within each other: a value of an attribute takes four a level. */
const MAX_JSON_DEPTH = 1_024;
/** Objects and lists of one body; ten thousand records of the usual kind have a third of them. */
export const MAX_OBJECTS = 500_000;

const UNPACK: Readonly<Record<string, (bytes: Uint8Array) => Promise<Uint8Array>>> = {
  gzip: (bytes) => promisify(gunzip)(bytes, { maxOutputLength: MAX_UNPACKED_BYTES }),
  zstd: (bytes) => promisify(zstdDecompress)(bytes, { maxOutputLength: MAX_UNPACKED_BYTES }),
  identity: async (bytes) => bytes,
};

/** Unpacks a body. @throws AppError `unsupported_media_type`, `body_too_large`, `invalid_request` */
export async function unpackBody(bytes: Uint8Array, encoding: string | null): Promise<Uint8Array> {
  const name = encoding?.trim().toLowerCase() || "identity";
  const unpack = Object.hasOwn(UNPACK, name) ? UNPACK[name] : undefined;
  if (!unpack) {
    throw new AppError(
      "unsupported_media_type",
      `Send the body plain, or packed as gzip or zstd, not as ${name}.`,
    );
  }
  try {
    return await unpack(bytes);
  } catch (cause) {
    if (errorCodeOf(cause) === "ERR_BUFFER_TOO_LARGE") {
      throw new AppError(
        "body_too_large",
        `A body has at most ${MAX_UNPACKED_BYTES} bytes once it is unpacked.`,
      );
    }
    throw new AppError("invalid_request", `The body is not packed as ${name}.`, { cause });
  }
}

/** The JSON of a body. @throws AppError `invalid_request` */
export function readJsonBody(bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes).toString("utf8");
  if (beyondBoundsAt(text, { depth: MAX_JSON_DEPTH, count: MAX_OBJECTS }) !== undefined) {
    throw new AppError(
      "invalid_request",
      `A body has at most ${MAX_OBJECTS} objects and lists, at most ${MAX_JSON_DEPTH} within each other.`,
    );
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("invalid_request", "The body is not valid JSON.", { cause });
  }
}
