import type { OperationKind, StatisticsOrder, StatisticsWindow } from "../../schema/rules/operations.ts";
import type { Database } from "../database/database.ts";
import type { Page, PageQuery } from "../database/paging.ts";
import { AppError } from "../errors/app-error.ts";
import { startBreathing } from "../lib/breathe.ts";
import type { Clock } from "../lib/clock.ts";
import { JoinedRuns } from "../lib/joined-runs.ts";
import {
  HOUR_MS,
  MINUTE_MS,
  type OperationIdentity,
  type OperationStatistics,
  type OperationWindow,
  type SlowOperation,
} from "./operation.ts";
import { sortedPage } from "./ordering.ts";
import { type Recorded, Recorder } from "./recorder.ts";
import { SlowAlerts } from "./slow-alerts.ts";
import { type OperationFilter, OperationStore, type SlowFilter } from "./store.ts";
import { MAX_WINDOWS, merged, type Stretch } from "./window-store.ts";

const P95 = 0.95;
const DAY_MS = 24 * HOUR_MS;
/** Minutes are kept for what is looked at minute by minute, and a little longer. */
const MINUTES_KEPT_MS = 2 * HOUR_MS;
/** Tallies written in one unit of work. */
const WRITTEN_AT_ONCE = 10;
/** How long writing and reading hold the event loop at a time, beside the unit of work that is under way. */
const SLICE_MS = 2;

/** Operations on a page that come with their course: each is up to 168 points. */
const MAX_COURSES = 200;

/** How far back each window looks, and how wide the stored windows are that it reads. */
const WINDOWS: Readonly<Record<StatisticsWindow, { spanMs: number; widthMs: number }>> = {
  "15m": { spanMs: 15 * MINUTE_MS, widthMs: MINUTE_MS },
  "1h": { spanMs: HOUR_MS, widthMs: MINUTE_MS },
  "6h": { spanMs: 6 * HOUR_MS, widthMs: HOUR_MS },
  "24h": { spanMs: DAY_MS, widthMs: HOUR_MS },
  "7d": { spanMs: 7 * DAY_MS, widthMs: HOUR_MS },
};

/** What the settings say. */
export interface ProfilerLimits {
  slowMs: number;
  retentionMs: number;
  maxOperations: number;
  maxSlowOperations: number;
}

/** A slow operation that somebody should hear of. */
export interface SlowNotice {
  slow: SlowOperation;
  /** Slow runs of it since the last notice that nobody heard of. */
  untold: number;
}

interface ProfilerParts {
  database: Database;
  clock: Clock;
  limits: () => ProfilerLimits;
  /** Takes secrets out of a text. */
  scrub: (text: string) => string;
  announce: (notice: SlowNotice) => void;
}

/** Which statistics are asked for. */
export interface StatisticsQuery extends PageQuery {
  window: StatisticsWindow;
  sort: StatisticsOrder;
  /** Of any of these kinds. */
  kinds?: readonly OperationKind[] | undefined;
  /** Exactly this name. */
  operation?: string | undefined;
  service?: string | undefined;
  /** Within the name or the service. */
  text?: string | undefined;
  /** Whether each on the page comes with its course; such a page has at most {@link MAX_COURSES}. */
  course?: boolean | undefined;
}

/** A span of time in epoch milliseconds; without an end it ends now. */
export interface AskedSpan {
  from: number;
  to?: number | undefined;
}

/** How an operation went within one window of its course. */
export interface CoursePoint {
  /** Epoch milliseconds. */
  at: number;
  calls: number;
  p95Ms: number;
}

/** Statistics, and the stretch of time they are of. */
export interface StatisticsPage extends Page<OperationStatistics & { course?: CoursePoint[] }> {
  /** Epoch milliseconds at which the earliest stored window begins. */
  from: number;
  to: number;
}

/** One operation over a stretch of time. */
export interface OperationHistory {
  statistics: OperationStatistics;
  /** Oldest first; there is none where there were no calls. */
  windows: readonly OperationWindow[];
  /** Epoch milliseconds at which the earliest stored window begins. */
  from: number;
  to: number;
  /** How wide a window is. */
  widthMs: number;
}

/** What an application says of one operation of its own. */
export interface ReportedOperation {
  operation: OperationIdentity;
  durationMs: number;
  hasFailed: boolean;
  /** Epoch milliseconds. */
  at: number;
  correlationId?: string | undefined;
  traceId?: string | undefined;
  attributes?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/**
 * How long operations take. What happens is gathered in memory and written by a timer, added to what is stored: a kill
 * loses what came since the last write, and no request waits. Whoever reads has it written first.
 */
export class Profiler {
  readonly recorder: Recorder;
  readonly #parts: ProfilerParts;
  readonly #store: OperationStore;
  readonly #alerts = new SlowAlerts();
  readonly #flushes = new JoinedRuns(() => this.#flush());

  constructor(parts: ProfilerParts) {
    const { clock, scrub, limits, database } = parts;
    this.#parts = parts;
    this.#store = new OperationStore(database);
    this.recorder = new Recorder({ clock, scrub, limits, onSlow: (slow) => this.#tell(slow) });
  }

  /** Reads which operations are known. */
  async open(): Promise<void> {
    this.recorder.know(await this.#store.listIdentities());
  }

  /** Writes what was recorded since the last time; what cannot be written is kept for the next. @throws AppError */
  async flush(): Promise<void> {
    await this.#flushes.run();
  }

  /** Removes what is older, or more, than is kept. */
  async clean(): Promise<void> {
    const { database, clock, limits } = this.#parts;
    const { retentionMs, maxOperations, maxSlowOperations } = limits();
    const now = clock.now();
    await database.write(async (tx) => {
      await this.#store.removeOld(tx, now - MINUTES_KEPT_MS, now - retentionMs);
      await this.#store.removeBeyond(tx, maxSlowOperations, maxOperations);
    });
    await this.open();
  }

  /** Takes what an application reports. */
  report(reported: readonly ReportedOperation[]): void {
    for (const { operation, durationMs, hasFailed, at, ...context } of reported) {
      const { correlationId, traceId, attributes = {} } = context;
      this.recorder.report(operation, { durationMs, hasFailed, at }, { correlationId, traceId, attributes });
    }
  }

  /** How operations went lately. @throws AppError `invalid_cursor` */
  async statistics(query: StatisticsQuery): Promise<StatisticsPage> {
    await this.flush();
    const { window, sort, limit, cursor, operation, course = false, ...filter } = query;
    const stretch = this.#stretch(window);
    const { from, to } = stretch;
    const wanted: OperationFilter = { ...filter, name: operation };
    const all = await this.#store.summarise(stretch, wanted);
    const most = course ? Math.min(limit, MAX_COURSES) : limit;
    const { items, nextCursor } = sortedPage(all, sort, { limit: most, cursor });
    if (!course) return { items, nextCursor, from, to };
    const breathe = startBreathing(SLICE_MS);
    const withCourse: StatisticsPage["items"] = [];
    for (const item of items) {
      const windows = this.#store.windows.list(item.id, stretch);
      withCourse.push({ ...item, course: windows.map(coursePoint) });
      await breathe();
    }
    return { items: withCourse, nextCursor, from, to };
  }

  /**
   * One operation altogether and window by window, oldest first.
   * @throws AppError `operation_not_found`, `invalid_request` when the span has no time in it that has passed
   */
  async history(id: number, asked: StatisticsWindow | AskedSpan): Promise<OperationHistory> {
    await this.flush();
    const operation = await this.#store.find(id);
    if (!operation) throw new AppError("operation_not_found");
    const stretch = typeof asked === "string" ? this.#stretch(asked) : this.#stretchOf(asked);
    const windows = this.#store.windows.list(id, stretch);
    return { statistics: { ...operation, ...merged(windows) }, windows, ...stretch };
  }

  /** How operations went within the last day, and within the six days before it, in whole hours. */
  async compareDays(): Promise<{ lastDay: OperationStatistics[]; daysBefore: OperationStatistics[] }> {
    await this.flush();
    const lastDay = this.#stretch("24h");
    const daysBefore = { ...this.#stretch("7d"), to: lastDay.from };
    return {
      lastDay: await this.#store.summarise(lastDay, {}),
      daysBefore: await this.#store.summarise(daysBefore, {}),
    };
  }

  /** The slowest operations, the slowest first. */
  async listSlow(filter: SlowFilter, limit: number): Promise<(SlowOperation & { id: number })[]> {
    await this.flush();
    return this.#store.listSlow(filter, limit);
  }

  /** From the beginning of a stored window to now. */
  #stretch(window: StatisticsWindow): Stretch {
    const { spanMs, widthMs } = WINDOWS[window];
    const to = this.#parts.clock.now();
    const from = to - spanMs;
    return { from: from - (from % widthMs), to: to + 1, widthMs };
  }

  /** The whole windows that the span touches, of those that are kept, and no more than are read: of a longer one the last. */
  #stretchOf({ from, to = Number.POSITIVE_INFINITY }: AskedSpan): Stretch {
    const now = this.#parts.clock.now();
    if (from >= Math.min(to, now))
      throw new AppError("invalid_request", "from lies before to, and before now.");
    const widthMs = from >= now - MINUTES_KEPT_MS ? MINUTE_MS : HOUR_MS;
    const end = Math.min(Math.ceil(to / widthMs) * widthMs, now + 1);
    const kept = Math.max(from, now - this.#parts.limits().retentionMs, end - (MAX_WINDOWS - 1) * widthMs);
    // What ended before anything is kept has a window too, if an empty one.
    const earliest = Math.min(kept, end - 1);
    return { from: earliest - (earliest % widthMs), to: end, widthMs };
  }

  async #flush(): Promise<void> {
    const left = this.recorder.take();
    const latest = this.#parts.clock.now();
    const breathe = startBreathing(SLICE_MS);
    try {
      for (const minute of left.minutes) {
        while (minute.tallies.length > 0) {
          const some = minute.tallies.slice(0, WRITTEN_AT_ONCE);
          const seenAt = Math.min(latest, minute.startAt + MINUTE_MS - 1);
          await this.#parts.database.write(async (tx) => {
            for (const tally of some) await this.#store.add(tx, tally, minute.startAt, seenAt);
          });
          minute.tallies.splice(0, some.length);
          await breathe();
        }
      }
      await this.#writeSlow(left);
    } catch (error) {
      this.recorder.putBack({ ...left, minutes: left.minutes.filter(({ tallies }) => tallies.length > 0) });
      throw error;
    }
  }

  async #writeSlow(left: Recorded): Promise<void> {
    if (left.slow.length === 0) return;
    await this.#parts.database.write(async (tx) => {
      for (const slow of left.slow) await this.#store.addSlow(tx, slow);
      await this.#store.removeBeyond(tx, this.#parts.limits().maxSlowOperations, Number.MAX_SAFE_INTEGER);
    });
    left.slow = [];
  }

  #tell(slow: SlowOperation): void {
    const untold = this.#alerts.take(slow, this.#parts.clock.now());
    if (untold !== undefined) this.#parts.announce({ slow, untold });
  }
}

const coursePoint = ({ startAt, sketch }: OperationWindow): CoursePoint => ({
  at: startAt,
  calls: sketch.count,
  p95Ms: sketch.quantile(P95),
});
