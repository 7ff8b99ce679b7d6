import type { IncomingMessage } from "node:http";
import { pipeline, Readable, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib";
import { OutboundError } from "./outcome.ts";

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

/** How a body is read. */
export interface BodyOptions {
  maxBytes: number;
  /** Whether it is handed over decompressed. */
  decompress: boolean;
  /** Called once, when the last byte is read, reading failed or the reader went away. */
  finish: () => void;
}

/**
 * The body as a stream that is pulled, never pushed: a reader that stops reading stops the sender. It fails with an
 * OutboundError `too_large`, `connection_lost`, `protocol_failed`, or what the message was destroyed with.
 * @throws OutboundError `too_large` when the announced length is over the limit; `protocol_failed` for an unknown coding
 */
export function readBody(message: IncomingMessage, options: BodyOptions): ReadableStream<Uint8Array> {
  const announced = Number(message.headers["content-length"] ?? 0);
  if (announced > options.maxBytes) throw tooLarge(options.maxBytes);
  const coding = message.headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  const received = limited(message, options.maxBytes);
  const isPlain = coding === "identity" || coding === "" || !options.decompress;
  const chunks = isPlain ? received : limited(decoded(received, coding), options.maxBytes);
  return toStream(translated(chunks), options.finish);
}

async function* limited(source: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0;
  for await (const chunk of source) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw tooLarge(maxBytes);
    yield chunk;
  }
}

function decoded(source: AsyncIterable<Uint8Array>, coding: string): AsyncIterable<Uint8Array> {
  const makeDecoder = Object.hasOwn(DECODERS, coding) ? DECODERS[coding] : undefined;
  if (!makeDecoder) throw new OutboundError("protocol_failed", "The answer is compressed in an unknown way.");
  const decoder = makeDecoder();
  // The callback is where a failure would surface twice: the iteration over the decoder throws it already.
  pipeline(Readable.from(source, { objectMode: false }), decoder, () => undefined);
  return decoder;
}

async function* translated(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* source;
  } catch (cause) {
    if (cause instanceof OutboundError) throw cause;
    if (isCompressionFailure(cause)) {
      throw new OutboundError("protocol_failed", "The answer's compression is damaged.", cause);
    }
    throw new OutboundError("connection_lost", "The connection ended within the answer.", cause);
  }
}

function isCompressionFailure(cause: unknown): boolean {
  if (typeof cause !== "object" || cause === null || !("code" in cause)) return false;
  return (
    typeof cause.code === "string" && /^(?:Z_|ZSTD_|ERR__?BROTLI|ERR_ZSTD|ERR_ZLIB|BROTLI)/.test(cause.code)
  );
}

function toStream(source: AsyncGenerator<Uint8Array>, finish: () => void): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await source.next();
          if (!done) return controller.enqueue(value);
          finish();
          controller.close();
        } catch (error) {
          finish();
          controller.error(error);
        }
      },
      async cancel() {
        finish();
        await source.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

const tooLarge = (maxBytes: number): OutboundError =>
  new OutboundError("too_large", `The answer is larger than ${maxBytes} bytes.`);
