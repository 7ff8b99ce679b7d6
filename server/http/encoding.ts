import { promisify } from "node:util";

/** Content encodings we write, best first where the client has no wish. */
export const ENCODINGS = ["zstd", "br", "gzip"] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** Below this a compressed body saves no packet and costs time. */
const MIN_SIZE_BYTES = 1_024;
/** Above this compression leaves the main thread. */
const MAX_SYNC_SIZE_BYTES = 64 * 1_024;
/** Levels for answers made on the fly: most of the saving at a fraction of the time. */
const ZSTD_LEVEL = 3;
const BROTLI_LEVEL = 4;
const GZIP_LEVEL = 6;

/** Evaluated at the first use: a start has no time for it. */
const zlib = () => import("node:zlib");

const inBackground = {
  async zstd(bytes: Uint8Array) {
    const { zstdCompress, constants } = await zlib();
    return promisify(zstdCompress)(bytes, { params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } });
  },
  async br(bytes: Uint8Array) {
    const { brotliCompress, constants } = await zlib();
    return promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_LEVEL } });
  },
  async gzip(bytes: Uint8Array) {
    const { gzip } = await zlib();
    return promisify(gzip)(bytes, { level: GZIP_LEVEL });
  },
} as const satisfies Record<Encoding, (bytes: Uint8Array) => Promise<Uint8Array>>;

/** A body as it goes out. */
export interface EncodedBody {
  body: string | Uint8Array<ArrayBuffer>;
  encoding: Encoding | undefined;
}

/** Compresses `text` when the client accepts it and it pays. Small bodies are done at once, large ones off the thread. */
export function encodeText(text: string, acceptEncoding: string | null): EncodedBody | Promise<EncodedBody> {
  if (acceptEncoding === null || text.length < MIN_SIZE_BYTES) return { body: text, encoding: undefined };
  const encoding = chooseEncoding(acceptEncoding, ENCODINGS);
  if (!encoding) return { body: text, encoding };
  const bytes = Buffer.from(text);
  if (bytes.length > MAX_SYNC_SIZE_BYTES) {
    return inBackground[encoding](bytes).then((body) => ({ body: new Uint8Array(body), encoding }));
  }
  if (encoding === "gzip") return { body: Bun.gzipSync(bytes, { level: GZIP_LEVEL }), encoding };
  if (encoding === "zstd") {
    return { body: new Uint8Array(Bun.zstdCompressSync(bytes, { level: ZSTD_LEVEL })), encoding };
  }
  return inBackground.br(bytes).then((body) => ({ body: new Uint8Array(body), encoding }));
}

/**
 * The encoding among `available` that the `accept-encoding` header likes best; ties go to the earlier one.
 * Undefined when identity is all that is left (RFC 9110 §12.5.3).
 */
export function chooseEncoding<Name extends string>(
  acceptEncoding: string,
  available: readonly Name[],
): Name | undefined {
  const weights = new Map<string, number>();
  for (const part of acceptEncoding.split(",")) {
    const [name = "", ...parameters] = part.split(";");
    const weight = parameters.map((parameter) => /^\s*q=([\d.]+)\s*$/i.exec(parameter)?.[1]).find(Boolean);
    weights.set(name.trim().toLowerCase(), weight === undefined ? 1 : Number(weight));
  }
  let best: Name | undefined;
  let bestWeight = 0;
  for (const name of available) {
    const weight = weights.get(name) ?? weights.get("*") ?? 0;
    if (weight > bestWeight) {
      best = name;
      bestWeight = weight;
    }
  }
  return best;
}
