import { AppError } from "../../errors/app-error.ts";
import type { LevelCounts } from "../line.ts";
import { type Columns, textsOf, toColumns } from "./columns.ts";
import { indexTerms } from "./index-terms.ts";
import { countLevels, decodeMarks, encodeMarks, type Marks } from "./marks.ts";
import { LINE } from "./text.ts";

/** Lines a block: fewer compress worse, more make every hit of a search dearer. */
export const BLOCK_LINES = 2_048;
/** A block of long lines is closed earlier. */
export const BLOCK_CHARACTERS = 512 * 1_024;
/** By columns, higher levels take ten times as long for 3 % less. */
const ZSTD_LEVEL = 3;
/** Columns that are shorter share a frame: their own would cost more than it saves. */
const SMALL_CHARACTERS = 4_096;
/** Between the columns that share a frame; no text has it. */
const COLUMN = "\0";
const LENGTH_BYTES = 4;

/** Lines one after the other, numbered from `firstId`; not compressed. */
export interface Lines {
  firstId: number;
  marks: Marks;
  /** See `text.ts`. */
  texts: readonly string[];
}

/** A block as it is stored. */
export interface PackedBlock {
  id: number;
  lastId: number;
  minAt: number;
  maxAt: number;
  counts: LevelCounts;
  /** As `,3,17,`. */
  sources: string;
  marks: Uint8Array;
  packed: Uint8Array;
  /** What the index reads. */
  terms: string;
}

/** Compresses lines. @param text theirs, {@link LINE} between them. */
export function packBlock({ firstId, marks }: Omit<Lines, "texts">, text: string): PackedBlock {
  let [minAt, maxAt] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const at of marks.ats) {
    if (at < minAt) minAt = at;
    if (at > maxAt) maxAt = at;
  }
  return {
    id: firstId,
    lastId: firstId + marks.ats.length - 1,
    minAt,
    maxAt,
    counts: countLevels(marks),
    sources: `,${[...new Set(marks.sources)].join()},`,
    marks: pack(encodeMarks(marks)),
    packed: packTexts(text.split(LINE)),
    terms: indexTerms(text).join(" "),
  };
}

/** What of the columns is no value, and which of them have a frame of their own. */
interface Directory extends Omit<Columns, "values"> {
  large: number[];
}

/** Frames of Zstandard behind their lengths: the directory, the small columns as one, each large column. */
function packTexts(texts: readonly string[]): Uint8Array {
  const { values, ...rest } = toColumns(texts);
  const isLarge = (column: string): boolean => column.length >= SMALL_CHARACTERS;
  const large = [...values.keys()].filter((column) => isLarge(values[column] ?? ""));
  const directory: Directory = { ...rest, large };
  const small = values.filter((column) => !isLarge(column)).join(COLUMN);
  const frames = [JSON.stringify(directory), small, ...values.filter(isLarge)].map(pack);
  const lengths = new DataView(new ArrayBuffer(frames.length * LENGTH_BYTES));
  for (const [index, frame] of frames.entries()) lengths.setUint32(index * LENGTH_BYTES, frame.length, true);
  return Buffer.concat([Uint8Array.of(frames.length), new Uint8Array(lengths.buffer), ...frames]);
}

const pack = (content: string | Uint8Array<ArrayBuffer>): Uint8Array =>
  Bun.zstdCompressSync(content, { level: ZSTD_LEVEL });

/** @throws AppError `chunk_corrupt` */
export const unpackMarks = (bytes: Uint8Array): Marks => undamaged(() => decodeMarks(unpack(bytes)));

/** All texts as one, {@link LINE} between them. @throws AppError `chunk_corrupt` */
export const unpackTexts = (bytes: Uint8Array): string =>
  undamaged(() => {
    const [directoryText = "", smallText = "", ...largeTexts] = unpackFrames(bytes);
    const { large, ...rest } = JSON.parse(directoryText) as Directory;
    const small = smallText.split(COLUMN).values();
    const larges = largeTexts.values();
    const values = rest.keys.map((_, column) => (large.includes(column) ? larges : small).next().value ?? "");
    return textsOf({ ...rest, values });
  });

function unpackFrames(bytes: Uint8Array): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = view.getUint8(0);
  let at = 1 + count * LENGTH_BYTES;
  return Array.from({ length: count }, (_, index) => {
    const length = view.getUint32(1 + index * LENGTH_BYTES, true);
    const frame = bytes.subarray(at, at + length);
    at += length;
    return Buffer.from(unpack(frame)).toString("utf8");
  });
}

const unpack = (bytes: Uint8Array): Uint8Array => Bun.zstdDecompressSync(bytes);

function undamaged<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new AppError("chunk_corrupt", "A block of log lines is damaged.", { cause });
  }
}
