import { ByteReader, ByteWriter, corruptChunk } from "./bytes.ts";

/**
 * Every packed thing is: its format (1 byte), CRC-32 of everything after it (4 bytes), its content.
 * Stored; numbers are never reused, a change of the content takes a new one.
 */
export const FORMAT = { samples: 1, rollups: 2, ticks: 3 } as const;
type Format = (typeof FORMAT)[keyof typeof FORMAT];

const CONTENT_AT = 5;
const scratch = new ByteWriter(16_384);

/** Packs what `write` writes. */
export function wrap(format: Format, write: (out: ByteWriter) => void): Uint8Array<ArrayBuffer> {
  scratch.clear();
  scratch.byte(format);
  scratch.uint32(0);
  write(scratch);
  const bytes = scratch.written.slice();
  new DataView(bytes.buffer).setUint32(1, Bun.hash.crc32(bytes.subarray(CONTENT_AT)), true);
  return bytes;
}

/**
 * Checks the envelope and lets `read` have the content, all of it.
 * @throws AppError `chunk_corrupt`
 */
export function unwrap<T>(format: Format, bytes: Uint8Array, read: (reader: ByteReader) => T): T {
  // SQLite does not hold a column to its type: a damaged file can bring text.
  if (!(bytes instanceof Uint8Array)) throw corruptChunk("it is not made of bytes");
  const reader = new ByteReader(bytes);
  const found = reader.byte();
  if (found !== format) throw corruptChunk(`it has format ${found} where ${format} belongs`);
  if (reader.uint32() !== Bun.hash.crc32(bytes.subarray(CONTENT_AT))) {
    throw corruptChunk("its checksum does not match");
  }
  const content = read(reader);
  if (reader.remaining > 0) throw corruptChunk("there are bytes after its end");
  return content;
}
