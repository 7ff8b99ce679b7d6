import type { Connection, Database } from "../database/database.ts";
import { AppError, toAppError } from "../errors/app-error.ts";
import { startBreathing } from "../lib/breathe.ts";
import type { Clock } from "../lib/clock.ts";
import { Mutex } from "../lib/mutex.ts";
import type { LineFilter } from "./filter.ts";
import { type HistogramRequest, type HistogramResult, histogram } from "./histogram.ts";
import { type LogLine, levelNumber, levelOf, type NewLine } from "./line.ts";
import type { Logger } from "./logger.ts";
import { DEFAULT_RETENTION, type DiskSpace, type LogRetention } from "./retention.ts";
import { packBlock } from "./store/block.ts";
import { findSpan, insertBlock } from "./store/block-table.ts";
import { DiskGuard, type PauseListener } from "./store/disk-guard.ts";
import { type ColumnLine, Head, marksOf } from "./store/head.ts";
import { encodeMarks } from "./store/marks.ts";
import { loadHead } from "./store/recovery.ts";
import { type Course, type Found, type ScanGround, scan } from "./store/scan.ts";
import { type LogSource, SourceRegistry } from "./store/source-registry.ts";
import { LINE, lineText, readLineText } from "./store/text.ts";
import { fileSizeBytes, type Trimmed, trim } from "./store/trimming.ts";
import { forgetCheckpoints } from "./watch/checkpoints.ts";

/** How the log file is opened. */
export const LOGS_FILE = { synchronous: "NORMAL", pageSizeBytes: 8_192, incrementalVacuum: true } as const;

/** Lines of one append, whatever they come from: a bound for what waits in memory. */
export const MAX_APPEND_LINES = 10_000;
/** How long one page of a search may take; what it has by then is answered, with where to go on. */
const SEARCH_BUDGET_MS = 2_000;
const PAUSE_RETRY_MS = 60_000;

/** What the store is made of. */
export interface LogStoreOptions {
  database: Database;
  clock: Clock;
  log: Logger;
  retention?: LogRetention;
  /** Space on the disk of the log file; without it writing never pauses. */
  readDisk?: () => DiskSpace;
  /** Takes secrets out of a text. */
  scrub?: (text: string) => string;
  pauses?: PauseListener;
}

/** One page of a search. */
export interface LinePage {
  lines: LogLine[];
  /** Where the next page begins; undefined when there is none. */
  next: number | undefined;
}

/** Numbers of the oldest and the newest line. */
export interface LineSpan {
  firstId: number;
  lastId: number;
}

/** How the store is doing. */
export interface LogStoreStatus {
  lines: number;
  oldestAt: number | undefined;
  newestAt: number | undefined;
  sizeBytes: number;
  isPaused: boolean;
  /** Lines that were not taken since the start, because the disk is nearly full. */
  refusedLines: number;
  damagedBlocks: number;
}

/**
 * The log store: lines of every source, in one SQLite file, searched by level, source, time and words.
 *
 * An append is a row of the tail and lives in the head, its mirror in memory. Once the head fills a block, the block is
 * compressed and takes the place of the tail in the same transaction, with one document in a full-text index that names
 * blocks, not lines. A search asks the index which blocks may hold a hit and looks at their lines, newest first.
 *
 * After a crash `open` reads the tail back: every append that was acknowledged is there (after a power cut, all but the
 * last moments: `synchronous` is NORMAL).
 */
export class LogStore {
  readonly #options: LogStoreOptions;
  readonly #registry = new SourceRegistry();
  readonly #appending = new Mutex();
  readonly #maintaining = new Mutex();
  readonly #disk: DiskGuard | undefined;
  readonly #listeners = new Set<(lines: readonly LogLine[]) => void>();
  readonly #damaged = new Set<number>();
  #retention: LogRetention;
  #head = new Head(1);
  #refusedLines = 0;

  private constructor(options: LogStoreOptions) {
    this.#options = options;
    this.#retention = options.retention ?? DEFAULT_RETENTION;
    const { readDisk, pauses, clock } = options;
    const quiet = { paused: () => undefined, resumed: () => undefined };
    this.#disk = readDisk && new DiskGuard(clock, readDisk, pauses ?? quiet);
  }

  /** Reads the sources and the tail of an open database. */
  static open(options: LogStoreOptions): LogStore {
    const store = new LogStore(options);
    store.#load();
    return store;
  }

  /** Reads everything again: after the database was closed and reopened, perhaps with another file. */
  reload(): Promise<void> {
    return this.#maintaining.run(() => this.#appending.run(() => this.#load()));
  }

  #load(): void {
    const { reader } = this.#options.database;
    this.#registry.load(reader);
    this.#head = loadHead(reader, (rowId, error) => this.#reportDamage(rowId, error));
  }

  /** Takes changed limits; they apply from the next `append` and `maintain`. */
  configure(retention: LogRetention): void {
    this.#retention = retention;
  }

  /** Hears every line once it is stored, in the order of the numbers. Returns what ends it. */
  listen(listener: (lines: readonly LogLine[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Stores lines, all of them or none; when it returns, they survive a crash of this process. Texts that are too long
   * are cut and say so.
   * @param alongside is written in the same transaction: how far a file was read.
   * @throws AppError `storage_full` while the disk is nearly full, and what else the disk brings.
   */
  async append(lines: readonly NewLine[], alongside?: (tx: Connection) => void): Promise<void> {
    if (lines.length > MAX_APPEND_LINES) {
      throw new AppError("internal", `At most ${MAX_APPEND_LINES} lines are appended at once.`);
    }
    await this.#appending.run(() => this.#append(lines, alongside));
  }

  async #append(lines: readonly NewLine[], alongside: ((tx: Connection) => void) | undefined): Promise<void> {
    const { database, clock } = this.#options;
    if (this.#disk?.mustPause(this.#retention)) {
      this.#refusedLines += lines.length;
      throw new AppError("storage_full", "Log lines are not taken: the disk is nearly full.", {
        retryAfterMs: PAUSE_RETRY_MS,
      });
    }
    const now = clock.now();
    const firstId = this.#head.nextId;
    const { columns, counts } = this.#columnsOf(lines, now);
    const { head, blocks } = fill(this.#head, columns);
    await database.write((tx) => {
      for (const block of blocks) insertBlock(tx, block, now);
      if (blocks.length > 0) tx.$client.run("DELETE FROM log_tail");
      const rest = blocks.length > 0 ? head.lines : { marks: marksOf(columns), texts: columns.map(textOf) };
      if (rest.texts.length > 0) {
        tx.$client
          .query("INSERT INTO log_tail VALUES (?, ?, ?)")
          .run(blocks.length > 0 ? head.firstId : firstId, encodeMarks(rest.marks), rest.texts.join(LINE));
      }
      this.#registry.save(
        tx,
        [...counts].map(([source, added]) => advanced(source, added, now)),
      );
      alongside?.(tx);
    });
    for (const [source, added] of counts) Object.assign(source, advanced(source, added, now));
    this.#head = head;
    this.#tell(firstId, columns);
  }

  #columnsOf(lines: readonly NewLine[], now: number) {
    const { scrub = (text: string) => text } = this.#options;
    const counts = new Map<LogSource, number>();
    const columns = lines.map(({ at, level, source: name, message, fields }): ColumnLine => {
      const source = this.#registry.intern(name, now);
      counts.set(source, (counts.get(source) ?? 0) + 1);
      const text = scrub(lineText(message, fields)).toWellFormed();
      return { at: Math.round(at), level: levelNumber(level), sourceId: source.id, text };
    });
    return { columns, counts };
  }

  #tell(firstId: number, columns: readonly ColumnLine[]): void {
    if (this.#listeners.size === 0) return;
    const lines = columns.map((column, index) => this.#lineOf(firstId + index, column));
    for (const listener of this.#listeners) listener(lines);
  }

  #lineOf(id: number, { at, level, sourceId, text }: ColumnLine): LogLine {
    return {
      id,
      at,
      level: levelOf(level),
      source: this.#registry.nameOf(sourceId),
      ...readLineText(text),
    };
  }

  /**
   * Lines that pass the filter: `down` newest first before `start`, `up` oldest first from it. A page may be short, even
   * empty, when looking took too long: `next` says where to go on.
   */
  async list(filter: LineFilter, { start, direction, most }: Course): Promise<LinePage> {
    const endsAt = this.#options.clock.monotonic() + SEARCH_BUDGET_MS;
    const breathe = startBreathing();
    const lines: LogLine[] = [];
    for (const found of this.#scan(filter, { start, direction, most: most + 1 })) {
      for (const line of found.lines) {
        if (lines.length === most) {
          const last = lines.at(-1);
          return { lines, next: direction === "down" ? last?.id : line.id };
        }
        lines.push(line);
      }
      if (this.#options.clock.monotonic() > endsAt) return { lines, next: found.reachedId };
      await breathe();
    }
    return { lines, next: undefined };
  }

  /** Every line that passes the filter, oldest first, in batches of at most a block. */
  async *export(filter: LineFilter): AsyncGenerator<readonly LogLine[]> {
    const breathe = startBreathing();
    const course = { start: 0, direction: "up", most: Number.POSITIVE_INFINITY } as const;
    for (const { lines } of this.#scan(filter, course)) {
      if (lines.length > 0) yield lines;
      await breathe();
    }
  }

  /** The numbers between which the lines of the filter's range of time lie, by blocks; undefined when nothing is kept. */
  span({ from = 0, to = Number.MAX_SAFE_INTEGER }: LineFilter): LineSpan | undefined {
    const stored = findSpan(this.#options.database.reader, from, to);
    const { firstId, nextId, size, lines } = this.#head;
    const isHeadWithin = size > 0 && lines.marks.ats.some((at) => at >= from && at <= to);
    if (!isHeadWithin) return stored;
    return { firstId: stored?.firstId ?? firstId, lastId: nextId - 1 };
  }

  /** The line of that number, if it is still kept. */
  async find(id: number): Promise<LogLine | undefined> {
    const { lines } = await this.list({}, { start: id, direction: "up", most: 1 });
    return lines[0]?.id === id ? lines[0] : undefined;
  }

  /** Counts lines over time; see {@link histogram}. */
  histogram(filter: LineFilter, request: HistogramRequest): Promise<HistogramResult> {
    return histogram(
      this.#ground(),
      filter,
      request,
      this.#options.clock.monotonic.bind(this.#options.clock),
    );
  }

  /** For what is stored beside the lines: how far files were read. */
  get reader(): Connection {
    return this.#options.database.reader;
  }

  sources(): LogSource[] {
    return this.#registry.list();
  }

  /** Deletes what is not kept; cheap when nothing is due. It lets the event loop run between its parts. */
  maintain(): Promise<Trimmed> {
    return this.#maintaining.run(async () => {
      const { database, clock, log } = this.#options;
      const trimmed = await trim(database, this.#retention, clock.now(), startBreathing());
      await database.write((tx) => forgetCheckpoints(tx, clock.now()));
      if (trimmed.isForSize) {
        log.warning("The log file reached its budget: the oldest lines were deleted", {
          lines: trimmed.lines,
          budgetBytes: this.#retention.budgetBytes,
        });
      }
      return trimmed;
    });
  }

  status(): LogStoreStatus {
    const { database } = this.#options;
    const stored = database.reader.$client
      .query<{ lines: number | null; oldest: number | null; newest: number | null }, []>(
        "SELECT sum(last_id - id + 1) AS lines, min(min_at) AS oldest, max(max_at) AS newest FROM log_blocks",
      )
      .get();
    const ats = [...this.#head.lines.marks.ats];
    const oldest = [stored?.oldest ?? undefined, ...ats.slice(0, 1)].filter((at) => at !== undefined);
    const newest = [stored?.newest ?? undefined, ...ats.slice(-1)].filter((at) => at !== undefined);
    return {
      lines: (stored?.lines ?? 0) + this.#head.size,
      oldestAt: oldest.length > 0 ? Math.min(...oldest) : undefined,
      newestAt: newest.length > 0 ? Math.max(...newest) : undefined,
      sizeBytes: fileSizeBytes(database),
      isPaused: this.#disk?.isPaused ?? false,
      refusedLines: this.#refusedLines,
      damagedBlocks: this.#damaged.size,
    };
  }

  #scan(filter: LineFilter, course: Course): Generator<Found> {
    return scan(this.#ground(), filter, course);
  }

  #ground(): ScanGround {
    return {
      reader: this.#options.database.reader,
      registry: this.#registry,
      head: this.#head.lines,
      damaged: (id, error) => this.#reportDamage(id, error),
    };
  }

  #reportDamage(id: number, error: unknown): void {
    if (this.#damaged.has(id)) return;
    this.#damaged.add(id);
    this.#options.log.error("A block of log lines is damaged and is left out", {
      id,
      error: toAppError(error),
    });
  }
}

const textOf = ({ text }: ColumnLine): string => text;

const advanced = (source: LogSource, added: number, now: number): LogSource => ({
  ...source,
  lastSeenAt: now,
  lines: source.lines + added,
});

/** Puts lines into a copy of the head; what fills a block leaves it. */
function fill(before: Head, columns: readonly ColumnLine[]) {
  const blocks = [];
  let head = before.copy();
  for (const column of columns) {
    head.put(column);
    if (!head.isFull) continue;
    blocks.push(packBlock(head.lines));
    head = new Head(head.nextId);
  }
  return { head, blocks };
}
