import type { Connection, Database } from "../database/database.ts";
import { AppError, toAppError } from "../errors/app-error.ts";
import { startBreathing } from "../lib/breathe.ts";
import type { Clock } from "../lib/clock.ts";
import { Mutex } from "../lib/mutex.ts";
import type { NewLine } from "./line.ts";
import type { Logger } from "./logger.ts";
import { DEFAULT_RETENTION, type DiskSpace, type LogRetention } from "./retention.ts";
import { DiskGuard, type PauseListener } from "./store/disk-guard.ts";
import { type AppendOptions, LineIntake, type LineListener } from "./store/intake.ts";
import { LineReading } from "./store/reading.ts";
import type { ScanGround } from "./store/scan.ts";
import { Sealer } from "./store/sealer.ts";
import { type LogSource, SourceRegistry } from "./store/source-registry.ts";
import { fileSizeBytes, type Trimmed, trim } from "./store/trimming.ts";
import { forgetCheckpoints } from "./watch/checkpoints.ts";

/** How the log file is opened. The sealing thread folds the WAL in; commits here only when it lags by 32 MiB. */
export const LOGS_FILE = {
  synchronous: "NORMAL",
  pageSizeBytes: 8_192,
  foldAtPages: 4_096,
  incrementalVacuum: true,
} as const;

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
 * An append is a row of the tail and lives in the head, its mirror in memory. Once the head fills a block, a thread of
 * its own compresses it; the block takes the place of its rows of the tail in one transaction, with one document in a
 * full-text index that names blocks, not lines. A search asks the index which blocks may hold a hit and looks at their
 * lines, newest first.
 *
 * After a crash `open` reads the tail back: every append that was acknowledged is there (after a power cut, all but the
 * last moments: `synchronous` is NORMAL).
 */
export class LogStore {
  readonly #options: LogStoreOptions;
  readonly #registry = new SourceRegistry();
  readonly #maintaining = new Mutex();
  readonly #disk: DiskGuard | undefined;
  readonly #damaged = new Set<number>();
  readonly #sealer: Sealer;
  readonly #intake: LineIntake;
  /** Looking at what is kept. */
  readonly lines: LineReading;
  #retention: LogRetention;
  #refusedLines = 0;

  private constructor(options: LogStoreOptions) {
    this.#options = options;
    this.#retention = options.retention ?? DEFAULT_RETENTION;
    const { readDisk, pauses, clock, database, scrub = (text: string) => text } = options;
    const quiet = { paused: () => undefined, resumed: () => undefined };
    this.#disk = readDisk && new DiskGuard(clock, readDisk, pauses ?? quiet);
    this.#sealer = new Sealer(options);
    this.#intake = new LineIntake({ database, clock, registry: this.#registry, sealer: this.#sealer, scrub });
    this.lines = new LineReading(
      () => this.#ground(),
      () => clock.monotonic(),
    );
  }

  /** Reads the sources and the tail of an open database. */
  static open(options: LogStoreOptions): LogStore {
    const store = new LogStore(options);
    store.#intake.loadAtStart(store.#reportDamage);
    return store;
  }

  /** Reads everything again: after {@link close}, when the database was reopened, perhaps with another file. */
  reload(): Promise<void> {
    return this.#maintaining.run(() => this.#intake.load(this.#reportDamage));
  }

  /** Lets go of the file: before the database is closed. What was appended is in it. */
  close(): Promise<void> {
    return this.#sealer.close();
  }

  /** Takes changed limits; they apply from the next `append` and `maintain`. */
  configure(retention: LogRetention): void {
    this.#retention = retention;
  }

  /** Hears every line once it is stored, in the order of the numbers. Returns what ends it. */
  listen(listener: LineListener): () => void {
    return this.#intake.listen(listener);
  }

  /**
   * Stores lines, all of them or none; when it returns, they survive a crash of this process. Texts that are too long
   * are cut and say so.
   * @throws AppError `storage_full` while the disk is nearly full, and what else the disk brings.
   */
  async append(lines: readonly NewLine[], options?: AppendOptions): Promise<void> {
    if (this.#disk?.mustPause(this.#retention)) {
      this.#refusedLines += lines.length;
      throw new AppError("storage_full", "Log lines are not taken: the disk is nearly full.", {
        retryAfterMs: PAUSE_RETRY_MS,
      });
    }
    await this.#intake.append(lines, options);
  }

  /** For what is stored beside the lines: how far files were read. */
  get reader(): Connection {
    return this.#options.database.reader;
  }

  sources(): LogSource[] {
    return this.#registry.list();
  }

  /** Settles when every full block is sealed, or cannot be. */
  sealed(): Promise<void> {
    return this.#sealer.settled();
  }

  /** Deletes what is not kept; cheap when nothing is due. It lets the event loop run between its parts. */
  maintain(): Promise<Trimmed> {
    return this.#maintaining.run(async () => {
      const { database, clock, log } = this.#options;
      await this.#sealer.settled();
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
    const unsealed = this.#intake.unsealed;
    // What was sealed since counts once: as it is in memory.
    const stored = database.reader.$client
      .query<{ lines: number | null; oldest: number | null; newest: number | null }, [number]>(
        "SELECT sum(last_id - id + 1) AS lines, min(min_at) AS oldest, max(max_at) AS newest FROM log_blocks WHERE id < ?",
      )
      .get(unsealed[0]?.firstId ?? 0);
    const ats = unsealed.flatMap(({ marks }) => [...marks.ats.slice(0, 1), ...marks.ats.slice(-1)]);
    const known = [stored?.oldest, stored?.newest, ...ats].filter((at) => typeof at === "number");
    return {
      lines: (stored?.lines ?? 0) + unsealed.reduce((sum, { texts }) => sum + texts.length, 0),
      oldestAt: known.length > 0 ? Math.min(...known) : undefined,
      newestAt: known.length > 0 ? Math.max(...known) : undefined,
      sizeBytes: fileSizeBytes(database),
      isPaused: this.#disk?.isPaused ?? false,
      refusedLines: this.#refusedLines,
      damagedBlocks: this.#damaged.size,
    };
  }

  #ground(): ScanGround {
    return {
      reader: this.#options.database.reader,
      registry: this.#registry,
      unsealed: this.#intake.unsealed,
      damaged: this.#reportDamage,
    };
  }

  readonly #reportDamage = (id: number, error: unknown): void => {
    if (this.#damaged.has(id)) return;
    this.#damaged.add(id);
    this.#options.log.error("A block of log lines is damaged and is left out", {
      id,
      error: toAppError(error),
    });
  };
}
