import type { Connection } from "../../database/database.ts";
import type { AppError } from "../../errors/app-error.ts";
import { type LineFilter, levelBits } from "../filter.ts";
import { type LogLine, levelOf } from "../line.ts";
import type { Lines } from "./block.ts";
import { type BlockRow, findBlocks, readMarks, readTexts } from "./block-table.ts";
import { candidateLines } from "./candidates.ts";
import type { Marks } from "./marks.ts";
import type { SourceRegistry } from "./source-registry.ts";
import { LINE, readLineText } from "./text.ts";

/** What a scan reads. */
export interface ScanGround {
  reader: Connection;
  registry: SourceRegistry;
  /** The newest lines, which are in no block on disk, the oldest first. */
  unsealed: readonly Lines[];
  /** Told of a block that could not be read; it is left out. */
  damaged: (blockId: number, error: unknown) => void;
}

/** Where a scan goes: `down` from the newest line before `start`, `up` from `start` on. */
export interface Course {
  start: number;
  direction: "down" | "up";
  /** Most lines of one block: what a page has room for. */
  most: number;
}

/** Hits of one block in the order of the scan, and how far the scan has come. */
export interface Found {
  lines: LogLine[];
  /** Where the next scan in the same direction begins when nothing more is taken of this one. */
  reachedId: number;
}

/** A filter as it is applied to columns. */
export interface Sieve {
  filter: LineFilter;
  /** Wanted levels as bits. */
  levels: number | undefined;
  sourceIds: ReadonlySet<number> | undefined;
}

export const sieveOf = (filter: LineFilter, sourceIds: readonly number[] | undefined): Sieve => ({
  filter,
  levels: levelBits(filter.levels),
  sourceIds: sourceIds && new Set(sourceIds),
});

/**
 * Goes through what is kept, block by block; blocks that cannot hold a hit are not read. Every step gives what one block
 * has, nothing included, so that the caller can let others run and stop.
 */
export function* scan(ground: ScanGround, filter: LineFilter, course: Course): Generator<Found> {
  const { reader, registry, unsealed } = ground;
  const sourceIds = filter.sources && registry.idsOf(filter.sources);
  if (sourceIds?.length === 0) return;
  const sieve = sieveOf(filter, sourceIds);
  const { from, to, levels } = filter;
  const query = { from, to, levels, sourceIds, index: filter.text?.index };
  const isDown = course.direction === "down";
  // Snapshots: what is sealed while this scan goes on is not met twice.
  const sealedBefore = unsealed[0]?.firstId ?? Number.POSITIVE_INFINITY;
  const ofUnsealed = (lines: Lines): Found =>
    sift(ground, sieve, course, lines.firstId, lines.marks, () => lines.texts.join(LINE));
  if (isDown) for (const lines of unsealed.toReversed()) yield ofUnsealed(lines);
  const start = isDown ? Math.min(course.start, sealedBefore) : course.start;
  for (const block of findBlocks(reader, query, start, course.direction)) {
    if (block.id >= sealedBefore) break;
    yield siftBlock(ground, sieve, course, block);
  }
  if (!isDown) for (const lines of unsealed) yield ofUnsealed(lines);
}

function siftBlock(ground: ScanGround, sieve: Sieve, course: Course, block: BlockRow): Found {
  try {
    return sift(
      ground,
      sieve,
      course,
      block.id,
      readMarks(block),
      () => readTexts(ground.reader, block.id) ?? "",
    );
  } catch (error) {
    if (!isDamage(error)) throw error;
    ground.damaged(block.id, error);
    return { lines: [], reachedId: course.direction === "down" ? block.id : block.lastId + 1 };
  }
}

/** Whether `error` says that stored bytes cannot be read. */
export const isDamage = (error: unknown): error is AppError =>
  error instanceof Error && "code" in error && error.code === "chunk_corrupt";

function sift(
  { registry }: ScanGround,
  sieve: Sieve,
  { start, direction, most }: Course,
  firstId: number,
  marks: Marks,
  readText: () => string,
): Found {
  const isDown = direction === "down";
  const count = marks.ats.length;
  const reachedId = isDown ? firstId : firstId + count;
  const wanted = new Uint8Array(count);
  let isAnyWanted = false;
  for (let index = 0; index < count; index++) {
    const isOnCourse = isDown ? firstId + index < start : firstId + index >= start;
    if (!isOnCourse || !passes(sieve, marks, index)) continue;
    wanted[index] = 1;
    isAnyWanted = true;
  }
  if (!isAnyWanted) return { lines: [], reachedId };
  const candidates = candidateLines(readText(), sieve.filter.text, wanted);
  if (isDown) candidates.reverse();
  const lines: LogLine[] = [];
  for (const { index, text, lower } of candidates) {
    if (!(sieve.filter.text?.matches({ text, lower }) ?? true)) continue;
    const id = firstId + index;
    if (lines.length === most) return { lines, reachedId: isDown ? id + 1 : id };
    lines.push({
      id,
      at: marks.ats[index] ?? 0,
      level: levelOf(marks.levels[index] ?? 0),
      source: registry.nameOf(marks.sources[index] ?? 0),
      ...readLineText(text),
    });
  }
  return { lines, reachedId };
}

/** Whether all but the text of a line is as wanted. */
export function passes({ filter, levels, sourceIds }: Sieve, marks: Marks, index: number): boolean {
  if (levels !== undefined && (levels & (1 << (marks.levels[index] ?? 0))) === 0) return false;
  if (sourceIds && !sourceIds.has(marks.sources[index] ?? 0)) return false;
  const at = marks.ats[index] ?? 0;
  return at >= (filter.from ?? Number.NEGATIVE_INFINITY) && at <= (filter.to ?? Number.POSITIVE_INFINITY);
}
