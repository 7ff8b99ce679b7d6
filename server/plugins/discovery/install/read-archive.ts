import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { extract, type Header } from "tar-stream";
import { type Entry, fromBufferPromise } from "yauzl";
import { AppError, errorCodeOf } from "../../../errors/app-error.ts";
import { MAX_ARCHIVE_BYTES, MAX_FILES, MAX_PLUGIN_BYTES } from "../source-tree.ts";
import { ArchiveEntries, type EntryKind, refusedArchive, refusedEntry } from "./archive-entries.ts";

/** A tar holds each file in blocks with a header or two before it. */
const MAX_TAR_BYTES = MAX_PLUGIN_BYTES + MAX_FILES * 4_096;
/** Text packs to a tenth, zeros to a thousandth: what swells more than this was made to. */
const MAX_RATIO = 200;
const RATIO_FREE_BYTES = 1024 * 1024;

const GZIP = Buffer.from([0x1f, 0x8b]);
const ZIP = Buffer.from("PK");
const TAR = Buffer.from("ustar");
const TAR_AT = 257;

const TAR_KINDS: Readonly<Record<string, EntryKind>> = {
  file: "file",
  "contiguous-file": "file",
  directory: "folder",
  symlink: "symbolic link",
  link: "hard link",
  "character-device": "device",
  "block-device": "device",
  fifo: "pipe",
};
/** File types of a Unix mode (stat(2)), as zip archives made there hold them. */
const MODE_KINDS: ReadonlyMap<number, EntryKind> = new Map([
  [0, "file"],
  [0o100000, "file"],
  [0o040000, "folder"],
  [0o120000, "symbolic link"],
  [0o060000, "device"],
  [0o020000, "device"],
  [0o010000, "pipe"],
]);
const MODE_TYPE = 0o170000;
const MODE_SHIFT = 16;

/**
 * Reads a `.tar`, `.tar.gz` or `.zip`, known by its first bytes, into memory: at most 2,000 files and 20 MiB. Nothing is
 * written, no link is followed, no mode or owner is taken over.
 * @throws AppError `plugin_invalid` naming the entry that is refused, or what is wrong with the archive
 */
export async function readArchive(bytes: Uint8Array): Promise<Map<string, Uint8Array>> {
  if (bytes.length > MAX_ARCHIVE_BYTES)
    throw refusedArchive(`has more than ${MAX_ARCHIVE_BYTES / 1024 / 1024} MiB`);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = new ArchiveEntries();
  if (begins(buffer, GZIP, 0)) await readTar(await unpacked(buffer), entries);
  else if (begins(buffer, ZIP, 0)) await readZip(buffer, entries);
  else if (begins(buffer, TAR, TAR_AT)) await readTar(buffer, entries);
  else throw refusedArchive("is none: a .tar, .tar.gz or .zip is expected");
  return entries.finish();
}

const begins = (buffer: Buffer, with_: Buffer, at: number): boolean =>
  buffer.subarray(at, at + with_.length).equals(with_);

async function unpacked(buffer: Buffer): Promise<Buffer> {
  const roomBytes = Math.min(MAX_TAR_BYTES, Math.max(RATIO_FREE_BYTES, buffer.length * MAX_RATIO));
  try {
    return await promisify(gunzip)(buffer, { maxOutputLength: roomBytes });
  } catch (error) {
    if (errorCodeOf(error) === "ERR_BUFFER_TOO_LARGE") {
      const isBomb = roomBytes < MAX_TAR_BYTES;
      throw refusedArchive(
        isBomb
          ? `swells to more than ${MAX_RATIO} times its size`
          : `holds more than ${MAX_PLUGIN_BYTES / 1024 / 1024} MiB when it is unpacked`,
      );
    }
    throw refusedArchive("is damaged: its compression ends too early or is wrong", error);
  }
}

async function readTar(buffer: Buffer, entries: ArchiveEntries): Promise<void> {
  const tar = extract();
  tar.end(buffer);
  await understood(async () => {
    for await (const entry of tar) {
      const { name, size = 0 } = entry.header;
      if (!entries.accepts(name, kindOfTar(entry.header), size)) entry.resume();
      else entries.add(name, await collected(entry, size));
    }
  });
}

const kindOfTar = ({ type }: Header): EntryKind => TAR_KINDS[type] ?? "thing of an unknown kind";

async function readZip(buffer: Buffer, entries: ArchiveEntries): Promise<void> {
  await understood(async () => {
    // Names are decoded and judged here: the library would turn backslashes into something else first.
    const zip = await fromBufferPromise(buffer, { decodeStrings: false, validateEntrySizes: true });
    for await (const entry of zip.eachEntry()) {
      const name = new TextDecoder().decode(entry.fileNameRaw);
      if (!entries.accepts(name, kindOfZip(entry, name), entry.uncompressedSize)) continue;
      if (entry.isEncrypted() || !entry.canDecodeFileData())
        throw refusedEntry(name, "is encrypted or packed in an unknown way");
      if (entry.uncompressedSize > Math.max(RATIO_FREE_BYTES, entry.compressedSize * MAX_RATIO))
        throw refusedEntry(name, `swells to more than ${MAX_RATIO} times its size`);
      entries.add(name, await collected(await zip.openReadStreamPromise(entry), entry.uncompressedSize));
    }
  });
}

function kindOfZip({ externalFileAttributes }: Entry, name: string): EntryKind {
  const type = (externalFileAttributes >>> MODE_SHIFT) & MODE_TYPE;
  const kind = MODE_KINDS.get(type) ?? "thing of an unknown kind";
  return kind === "file" && name.endsWith("/") ? "folder" : kind;
}

/** What a stream holds, never more than was announced. */
async function collected(stream: AsyncIterable<unknown>, sizeBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError("an entry is not made of bytes");
    length += chunk.length;
    if (length > sizeBytes) throw refusedArchive("is damaged: an entry is larger than it says");
    chunks.push(chunk);
  }
  if (length !== sizeBytes) throw refusedArchive("is damaged: an entry is smaller than it says");
  return Buffer.concat(chunks);
}

/** What the libraries throw at a damaged archive is the archive's fault. */
async function understood(read: () => Promise<void>): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (error instanceof AppError || !(error instanceof Error)) throw error;
    throw refusedArchive(`is damaged: ${error.message}`, error);
  }
}
