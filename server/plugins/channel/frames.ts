import { MAX_FRAME_BYTES } from "../../../schema/plugin/rpc.ts";

/**
 * What a frame is. On the wire: length of the rest (u32, little endian), kind (u8), number (u32, little endian: of the
 * request or the stream), payload.
 */
export const FRAME_KINDS = {
  /** JSON `[method, params]`. */
  request: 1,
  /** JSON: the result. */
  response: 2,
  /** JSON: a `WireError`. */
  error: 3,
  /** The one who asked no longer wants the answer; the answer comes nevertheless. */
  cancel: 4,
  /** JSON `[method, params]`; no answer. Its number is 0. */
  notify: 5,
  /** The sender opens a stream that it will write. */
  open: 6,
  /** Bytes of a stream. */
  data: 7,
  /** u32: how much more the writer of a stream may send. */
  credit: 8,
  /** The writer is done. */
  end: 9,
  /** JSON `WireError`: by the writer, it failed; by the reader, it wants no more, and the writer answers with end or abort. */
  abort: 10,
} as const;
export type FrameKind = keyof typeof FRAME_KINDS;

export interface Frame {
  /** Undefined when the kind is not one of ours. */
  kind: FrameKind | undefined;
  id: number;
  /** A part of the bytes received: copy what is kept. */
  payload: Uint8Array;
}

/** Largest number of a request or a stream. */
export const MAX_FRAME_ID = 0xffff_ffff;
/** Bytes of a stream in one frame. */
export const MAX_DATA_BYTES = 64 * 1024;

const LENGTH_BYTES = 4;
const HEAD_BYTES = 5;
const PREFIX_BYTES = LENGTH_BYTES + HEAD_BYTES;
const KIND_OF_NUMBER: readonly (FrameKind | undefined)[] = Object.entries(FRAME_KINDS).reduce<
  (FrameKind | undefined)[]
>((kinds, [kind, number]) => {
  kinds[number] = kind as FrameKind;
  return kinds;
}, []);

/** A length that cannot be: what follows has no meaning any more. */
export class FrameLengthError extends Error {
  override readonly name = "FrameLengthError";
}

/** The bytes of one frame. The caller has seen to it that the payload is not larger than a frame may be. */
export function encodeFrame(kind: FrameKind, id: number, payload: Uint8Array | string = ""): Uint8Array {
  const sizeBytes = typeof payload === "string" ? Buffer.byteLength(payload) : payload.length;
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + sizeBytes);
  frame.writeUInt32LE(HEAD_BYTES + sizeBytes, 0);
  frame[LENGTH_BYTES] = FRAME_KINDS[kind];
  frame.writeUInt32LE(id, LENGTH_BYTES + 1);
  if (typeof payload === "string") frame.write(payload, PREFIX_BYTES);
  else frame.set(payload, PREFIX_BYTES);
  return frame;
}

/** Cuts a stream of bytes into frames. Holds one unfinished frame at most. */
export class FrameReader {
  readonly #maxBytes: number;
  readonly #prefix = Buffer.alloc(LENGTH_BYTES);
  #prefixBytes = 0;
  #frame: Buffer | undefined;
  #frameBytes = 0;

  /** @param maxPayloadBytes the largest payload of a frame */
  constructor(maxPayloadBytes = MAX_FRAME_BYTES) {
    this.#maxBytes = HEAD_BYTES + maxPayloadBytes;
  }

  /** The frames that `bytes` completes, in order. @throws FrameLengthError after which nothing more can be read */
  *read(bytes: Uint8Array): Generator<Frame, void, undefined> {
    let offset = 0;
    while (offset < bytes.length) {
      const length = this.#lengthOfWhole(bytes, offset);
      if (length > 0) {
        yield parsed(bytes, offset + LENGTH_BYTES, length);
        offset += LENGTH_BYTES + length;
        continue;
      }
      offset =
        this.#frame === undefined
          ? this.#readPrefix(bytes, offset)
          : this.#readBody(this.#frame, bytes, offset);
      const complete = this.#complete();
      if (complete) yield parsed(complete, 0, complete.length);
    }
  }

  /** Most frames arrive in one piece: they are read where they lie. 0 when the next one does not. */
  #lengthOfWhole(bytes: Uint8Array, offset: number): number {
    const isBetween = this.#frame === undefined && this.#prefixBytes === 0;
    if (!isBetween || bytes.length - offset < LENGTH_BYTES) return 0;
    const length = this.#checked(readUint32(bytes, offset));
    return bytes.length - offset - LENGTH_BYTES < length ? 0 : length;
  }

  #readPrefix(bytes: Uint8Array, offset: number): number {
    const taken = Math.min(LENGTH_BYTES - this.#prefixBytes, bytes.length - offset);
    this.#prefix.set(bytes.subarray(offset, offset + taken), this.#prefixBytes);
    this.#prefixBytes += taken;
    if (this.#prefixBytes === LENGTH_BYTES) {
      this.#frame = Buffer.allocUnsafe(this.#checked(readUint32(this.#prefix, 0)));
      this.#frameBytes = 0;
      this.#prefixBytes = 0;
    }
    return offset + taken;
  }

  #readBody(frame: Buffer, bytes: Uint8Array, offset: number): number {
    const taken = Math.min(frame.length - this.#frameBytes, bytes.length - offset);
    frame.set(bytes.subarray(offset, offset + taken), this.#frameBytes);
    this.#frameBytes += taken;
    return offset + taken;
  }

  #complete(): Buffer | undefined {
    const frame = this.#frame;
    if (frame === undefined || this.#frameBytes < frame.length) return undefined;
    this.#frame = undefined;
    return frame;
  }

  #checked(length: number): number {
    if (length >= HEAD_BYTES && length <= this.#maxBytes) return length;
    throw new FrameLengthError(`A frame of ${length} bytes; ${HEAD_BYTES} to ${this.#maxBytes} are allowed.`);
  }
}

function parsed(bytes: Uint8Array, start: number, length: number): Frame {
  return {
    kind: KIND_OF_NUMBER[bytes[start] ?? 0],
    id: readUint32(bytes, start + 1),
    payload: bytes.subarray(start + HEAD_BYTES, start + length),
  };
}

/** Little endian; the caller has seen to it that four bytes are there. */
export function readUint32(bytes: Uint8Array, offset: number): number {
  const low = (bytes[offset] ?? 0) | ((bytes[offset + 1] ?? 0) << 8);
  const high = (bytes[offset + 2] ?? 0) | ((bytes[offset + 3] ?? 0) << 8);
  return low + high * 0x1_0000;
}

export function uint32Bytes(value: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32LE(value, 0);
  return bytes;
}
