import { AppError } from "../../errors/app-error.ts";
import type { LevelCounts } from "../line.ts";
import { countLevels, decodeMarks, encodeMarks, type Marks } from "./marks.ts";
import { LINE } from "./text.ts";

/** Lines a block: fewer compress worse, more make every hit of a search dearer. */
export const BLOCK_LINES = 2_048;
/** A block of long lines is closed earlier. */
export const BLOCK_CHARACTERS = 512 * 1_024;
const ZSTD_LEVEL = 3;

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
  text: string;
}

/** Compresses lines. */
export function packBlock({ firstId, marks, texts }: Lines): PackedBlock {
  const text = texts.join(LINE);
  let [minAt, maxAt] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const at of marks.ats) {
    if (at < minAt) minAt = at;
    if (at > maxAt) maxAt = at;
  }
  return {
    id: firstId,
    lastId: firstId + texts.length - 1,
    minAt,
    maxAt,
    counts: countLevels(marks),
    sources: `,${[...new Set(marks.sources)].join()},`,
    marks: Bun.zstdCompressSync(encodeMarks(marks), { level: ZSTD_LEVEL }),
    packed: Bun.zstdCompressSync(text, { level: ZSTD_LEVEL }),
    text,
  };
}

/** @throws AppError `chunk_corrupt` */
export const unpackMarks = (bytes: Uint8Array): Marks => decodeMarks(unpack(bytes));

/** All texts as one, {@link LINE} between them. @throws AppError `chunk_corrupt` */
export const unpackTexts = (bytes: Uint8Array): string => Buffer.from(unpack(bytes)).toString("utf8");

function unpack(bytes: Uint8Array): Uint8Array {
  try {
    return Bun.zstdDecompressSync(bytes);
  } catch (cause) {
    throw new AppError("chunk_corrupt", "A block of log lines is damaged.", { cause });
  }
}
