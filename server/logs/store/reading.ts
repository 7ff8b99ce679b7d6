import { startBreathing } from "../../lib/breathe.ts";
import type { LineFilter } from "../filter.ts";
import { type HistogramRequest, type HistogramResult, histogram } from "../histogram.ts";
import type { LogLine } from "../line.ts";
import type { Lines } from "./block.ts";
import { findSpan } from "./block-table.ts";
import { type Course, type ScanGround, scan } from "./scan.ts";

/** How long one page of a search may take; what it has by then is answered, with where to go on. */
const SEARCH_BUDGET_MS = 2_000;

/** One page of a search. */
export interface LinePage {
  lines: LogLine[];
  /** Where the next page begins; undefined when there is none. */
  next: number | undefined;
}

/** Numbers of lines, both ends included. */
export interface LineSpan {
  firstId: number;
  lastId: number;
}

/** Looking at what is kept: pages, everything, one line, counts. Each lets the event loop run between blocks. */
export class LineReading {
  readonly #ground: () => ScanGround;
  readonly #monotonicMs: () => number;

  /** @param ground what there is when a search begins. */
  constructor(ground: () => ScanGround, monotonicMs: () => number) {
    this.#ground = ground;
    this.#monotonicMs = monotonicMs;
  }

  /**
   * Lines that pass the filter: `down` newest first before `start`, `up` oldest first from it. A page may be short, even
   * empty, when looking took too long: `next` says where to go on.
   */
  async list(filter: LineFilter, { start, direction, most }: Course): Promise<LinePage> {
    const endsAt = this.#monotonicMs() + SEARCH_BUDGET_MS;
    const breathe = startBreathing();
    const lines: LogLine[] = [];
    for (const found of scan(this.#ground(), filter, { start, direction, most: most + 1 })) {
      for (const line of found.lines) {
        if (lines.length === most) {
          const last = lines.at(-1);
          return { lines, next: direction === "down" ? last?.id : line.id };
        }
        lines.push(line);
      }
      if (this.#monotonicMs() > endsAt) return { lines, next: found.reachedId };
      await breathe();
    }
    return { lines, next: undefined };
  }

  /** Every line that passes the filter, oldest first, in batches of at most a block. */
  async *export(filter: LineFilter): AsyncGenerator<readonly LogLine[]> {
    const breathe = startBreathing();
    const course = { start: 0, direction: "up", most: Number.POSITIVE_INFINITY } as const;
    for (const { lines } of scan(this.#ground(), filter, course)) {
      if (lines.length > 0) yield lines;
      await breathe();
    }
  }

  /** The line of that number, if it is still kept. */
  async find(id: number): Promise<LogLine | undefined> {
    const { lines } = await this.list({}, { start: id, direction: "up", most: 1 });
    return lines[0]?.id === id ? lines[0] : undefined;
  }

  /** The oldest and the newest line of a range of time, as far as blocks tell; undefined when there is none. */
  span({ from = 0, to = Number.MAX_SAFE_INTEGER }: LineFilter): LineSpan | undefined {
    const { reader, unsealed } = this.#ground();
    const sealed = findSpan(reader, from, to);
    const spans = unsealed.flatMap((lines) => spanOfLines(lines, from, to) ?? []);
    const [first] = sealed ? [sealed] : spans;
    const last = spans.at(-1) ?? sealed;
    return first && last && { firstId: first.firstId, lastId: last.lastId };
  }

  /** Counts lines over time; see {@link histogram}. */
  histogram(filter: LineFilter, request: HistogramRequest): Promise<HistogramResult> {
    return histogram(this.#ground(), filter, request, this.#monotonicMs);
  }
}

function spanOfLines({ firstId, marks }: Lines, from: number, to: number): LineSpan | undefined {
  const isWithin = (at: number): boolean => at >= from && at <= to;
  const first = marks.ats.findIndex(isWithin);
  return first < 0
    ? undefined
    : { firstId: firstId + first, lastId: firstId + marks.ats.findLastIndex(isWithin) };
}
