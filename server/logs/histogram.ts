import { LOG_LEVELS } from "../../schema/rules/log-levels.ts";
import { startBreathing } from "../lib/breathe.ts";
import type { LineFilter } from "./filter.ts";
import { type LevelCounts, levelOf, noLines } from "./line.ts";
import { type BlockRow, findBlocks, readMarks } from "./store/block-table.ts";
import type { Marks } from "./store/marks.ts";
import { isDamage, passes, type ScanGround, type Sieve, scan, sieveOf } from "./store/scan.ts";

/** How long counting may take; what was counted by then is answered and says so. */
const BUDGET_MS = 2_000;

/** Into how many bars of equal width [from, to] is cut; epoch milliseconds. */
export interface HistogramRequest {
  from: number;
  to: number;
  buckets: number;
}

/** Lines of each level a bar. */
export interface HistogramResult {
  stepMs: number;
  buckets: { at: number; counts: LevelCounts }[];
  /** Whether everything was looked at; else the older bars may lack lines. */
  isComplete: boolean;
}

/** Counts the lines that pass the filter over time, newest first, as far as the time allows. */
export async function histogram(
  ground: ScanGround,
  filter: LineFilter,
  { from, to, buckets }: HistogramRequest,
  monotonicMs: () => number,
): Promise<HistogramResult> {
  const stepMs = Math.max(1, Math.ceil((to - from) / buckets));
  const bars = Array.from({ length: Math.max(1, Math.ceil((to - from) / stepMs)) }, (_, index) => ({
    at: from + index * stepMs,
    counts: noLines(),
  }));
  const placeOf = (at: number): number => Math.min(bars.length - 1, Math.floor((at - from) / stepMs));
  const endsAt = monotonicMs() + BUDGET_MS;
  const breathe = startBreathing();
  for (const counted of countsOf(ground, { ...filter, from, to }, placeOf)) {
    for (const { place, counts } of counted) {
      const bar = bars[place];
      if (bar) for (const level of LOG_LEVELS) bar.counts[level] += counts[level];
    }
    if (monotonicMs() > endsAt) return { stepMs, buckets: bars, isComplete: false };
    await breathe();
  }
  return { stepMs, buckets: bars, isComplete: true };
}

interface Counted {
  place: number;
  counts: LevelCounts;
}

/** The counts of each block, the newest first. Texts are read only where words are asked for. */
function* countsOf(
  ground: ScanGround,
  filter: LineFilter & { from: number; to: number },
  placeOf: (at: number) => number,
): Generator<Counted[]> {
  const { text, sources, levels, from, to } = filter;
  if (text) {
    const course = {
      start: Number.MAX_SAFE_INTEGER,
      direction: "down",
      most: Number.POSITIVE_INFINITY,
    } as const;
    for (const { lines } of scan(ground, filter, course)) {
      yield lines.map(({ at, level }) => ({ place: placeOf(at), counts: { ...noLines(), [level]: 1 } }));
    }
    return;
  }
  const sourceIds = sources && ground.registry.idsOf(sources);
  if (sourceIds?.length === 0) return;
  const sieve = sieveOf(filter, sourceIds);
  for (const { marks } of ground.unsealed) yield countMarks(marks, sieve, placeOf);
  const sealedBefore = ground.unsealed[0]?.firstId ?? Number.MAX_SAFE_INTEGER;
  for (const block of findBlocks(ground.reader, { from, to, levels, sourceIds }, sealedBefore, "down")) {
    const isWithin = block.minAt >= from && block.maxAt <= to;
    if (isWithin && !sourceIds && placeOf(block.minAt) === placeOf(block.maxAt)) {
      yield [{ place: placeOf(block.minAt), counts: wantedOf(block, levels) }];
    } else yield countBlock(ground, block, sieve, placeOf);
  }
}

function countBlock(
  ground: ScanGround,
  block: BlockRow,
  sieve: Sieve,
  placeOf: (at: number) => number,
): Counted[] {
  try {
    return countMarks(readMarks(block), sieve, placeOf);
  } catch (error) {
    if (!isDamage(error)) throw error;
    ground.damaged(block.id, error);
    return [];
  }
}

function countMarks(marks: Marks, sieve: Sieve, placeOf: (at: number) => number): Counted[] {
  const byPlace = new Map<number, LevelCounts>();
  for (const [index, at] of marks.ats.entries()) {
    if (!passes(sieve, marks, index)) continue;
    const place = placeOf(at);
    const counts = byPlace.get(place) ?? noLines();
    counts[levelOf(marks.levels[index] ?? 0)]++;
    byPlace.set(place, counts);
  }
  return [...byPlace].map(([place, counts]) => ({ place, counts }));
}

function wantedOf({ counts }: BlockRow, levels: LineFilter["levels"]): LevelCounts {
  if (!levels) return counts;
  const wanted = noLines();
  for (const level of levels) wanted[level] = counts[level];
  return wanted;
}
