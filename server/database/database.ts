import { AsyncLocalStorage } from "node:async_hooks";
import { closeSync, openSync } from "node:fs";
import { drizzle } from "drizzle-orm/bun-sqlite";
import type { Migration } from "../../schema/migrations/migration.ts";
import { AppError, toAppError } from "../errors/app-error.ts";
import { Mutex } from "../lib/mutex.ts";
import { CachingConnection, type Connection } from "./connection.ts";
import { migrate } from "./migrate.ts";
import { openingError, storageError } from "./storage-errors.ts";

export type { Connection };

/** How one database file is opened. */
export interface DatabaseOptions {
  /** Absolute path of the file; it is created when absent. */
  path: string;
  /** Oldest first; applied at open, see {@link migrate}. */
  migrations: readonly Migration[];
  /** FULL survives a power cut with every acknowledged change; NORMAL may lose the last moments, never consistency. */
  synchronous: "FULL" | "NORMAL";
  /** Bytes a page; takes effect when the file is created. */
  pageSizeBytes?: number;
  /** Pages in the WAL from which on a commit folds it into the file, waiting for the disk; SQLite's own number unless given. */
  foldAtPages?: number;
  /** Lets the file give pages back (`PRAGMA incremental_vacuum`); takes effect when the file is created. */
  incrementalVacuum?: boolean;
}

/** How long a statement waits for another process' lock before it fails. */
const BUSY_TIMEOUT_MS = 5_000;
const CACHE_KIB = 8_192;
/** The WAL is cut back to this after a checkpoint, whatever one large unit of work made of it. */
const WAL_KEPT_BYTES = 16 * 1_024 * 1_024;
/** Units of work that may wait; beyond it the caller is told at once instead of queueing without end. */
const MAX_WAITING_WRITES = 10_000;
const FILE_MODE = 0o600;

/** What is known of the unit of work that the code under way belongs to. */
interface UnitOfWork {
  isOpen: boolean;
  readonly afterCommit: (() => void)[];
}

/**
 * One SQLite file in WAL mode: a writer connection, used by one unit of work at a time, and a reader connection
 * that never waits for it. It can be closed and reopened while running (a restore swaps the file in between).
 *
 * @throws AppError `storage_unavailable`, `storage_full`, `database_newer`, `database_corrupt` when opening fails.
 */
export class Database {
  readonly #options: DatabaseOptions;
  readonly #writing = new Mutex();
  /** The unit of work that the code under way belongs to; `isOpen` turns false when it ends. */
  readonly #unit = new AsyncLocalStorage<UnitOfWork>();
  #writer: Connection | undefined;
  #reader: Connection | undefined;
  /** Hears what an announcement threw: the unit it belongs to is committed, so nobody else can. */
  onFailedAnnouncement: (error: unknown) => void = (error) => process.emitWarning(String(error));

  /** Hears how long each unit of work took, and whether it was rolled back. */
  onWritten: ((durationMs: number, hasFailed: boolean) => void) | undefined;

  private constructor(options: DatabaseOptions) {
    this.#options = options;
  }

  /** Opens (creating when absent), snapshots and migrates. */
  static open(options: DatabaseOptions): Database {
    const database = new Database(options);
    database.#connect();
    return database;
  }

  /** Opens an existing file only to look at it, while its owner may be running: nothing is migrated, `write` is refused. */
  static openReader(path: string): Database {
    const database = new Database({ path, migrations: [], synchronous: "NORMAL" });
    database.#guarded(() => database.#connectReader());
    return database;
  }

  get path(): string {
    return this.#options.path;
  }

  /** The reader: consistent within one statement, sees every committed write. Never write through it. */
  get reader(): Connection {
    return this.#reader ?? closed(this.path);
  }

  /**
   * The one way to change state. `work` runs inside BEGIN IMMEDIATE … COMMIT on the writer connection, alone; when it
   * throws, everything it did is rolled back and the error goes on. Inside, await store methods that take `tx` and
   * nothing else: other I/O would hold the writer.
   *
   * @throws AppError `storage_full`, `database_corrupt`, `overloaded` when too many units wait, `not_ready` when the
   *   database is closed; whatever `work` throws.
   */
  async write<T>(work: (tx: Connection) => T | Promise<T>): Promise<T> {
    if (this.isInUnit) {
      throw new AppError("internal", "A unit of work was begun inside another; it would wait for itself.");
    }
    if (this.#writing.waiting >= MAX_WAITING_WRITES) throw new AppError("overloaded");
    return this.#writing.run(async () => {
      const tx = this.#writer ?? closed(this.path);
      const unit: UnitOfWork = { isOpen: true, afterCommit: [] };
      const startedMs = performance.now();
      try {
        tx.$client.run("BEGIN IMMEDIATE");
        const result = await this.#unit.run(unit, async () => work(tx));
        tx.$client.run("COMMIT");
        this.onWritten?.(performance.now() - startedMs, false);
        for (const announce of unit.afterCommit) queueMicrotask(() => this.#announce(announce));
        return result;
      } catch (error) {
        rollBack(tx.$client);
        this.onWritten?.(performance.now() - startedMs, true);
        throw storageError(error);
      } finally {
        unit.isOpen = false;
      }
    });
  }

  #announce(announce: () => void): void {
    try {
      announce();
    } catch (error) {
      this.onFailedAnnouncement(error);
    }
  }

  /** Whether the code under way belongs to a unit of work: it must not wait for another. */
  get isInUnit(): boolean {
    return this.#unit.getStore()?.isOpen ?? false;
  }

  /**
   * Runs `announce` once the unit of work under way is committed, in the order of the commits; never when it is rolled
   * back. It runs apart from the unit, which has succeeded whatever `announce` does; it tells others and returns. What
   * it throws goes to {@link onFailedAnnouncement}.
   * @throws AppError `internal` outside a unit of work.
   */
  afterCommit(announce: () => void): void {
    const unit = this.#unit.getStore();
    if (!unit?.isOpen) throw new AppError("internal", "There is no unit of work to be committed.");
    unit.afterCommit.push(announce);
  }

  /**
   * Runs a part of the unit of work under way, one at a time: when it throws, what the part did and was to announce is
   * undone, and the unit can go on.
   * @throws whatever `work` throws; AppError `internal` outside a unit of work.
   */
  async part<T>(tx: Connection, work: () => Promise<T>): Promise<T> {
    const unit = this.#unit.getStore();
    if (!unit?.isOpen) throw new AppError("internal", "There is no unit of work to be a part of.");
    const announced = unit.afterCommit.length;
    tx.$client.run("SAVEPOINT part");
    try {
      const result = await work();
      tx.$client.run("RELEASE part");
      return result;
    } catch (error) {
      // SQLite may have rolled back the whole unit by itself; it fails as one then.
      if (tx.$client.inTransaction) {
        tx.$client.run("ROLLBACK TO part");
        tx.$client.run("RELEASE part");
        unit.afterCommit.length = announced;
      }
      throw error;
    }
  }

  /** Runs `PRAGMA integrity_check` and `foreign_key_check`; the list of what is wrong, empty when sound. */
  findDamage(): string[] {
    const client = this.reader.$client;
    try {
      const integrity = client.query<{ integrity_check: string }, []>("PRAGMA integrity_check").all();
      const foreignKeys = client
        .query<{ table: string; rowid: number; parent: string }, []>("PRAGMA foreign_key_check")
        .all();
      return [
        ...integrity.map((row) => row.integrity_check).filter((line) => line !== "ok"),
        ...foreignKeys.map((row) => `${row.table} row ${row.rowid} refers to a missing row of ${row.parent}`),
      ];
    } catch (error) {
      if (toAppError(error).code !== "database_corrupt") throw error;
      // Damaged beyond what the checks can walk.
      return [error instanceof Error ? error.message : String(error)];
    }
  }

  /**
   * Folds the WAL into the file and cuts it to nothing, between two units of work; when another process reads just
   * then, it folds in what it can and does not wait.
   */
  async foldWal(): Promise<void> {
    await this.#writing.run(() => {
      const client = (this.#writer ?? closed(this.path)).$client;
      client.run("PRAGMA busy_timeout = 0");
      try {
        client.run("PRAGMA wal_checkpoint(TRUNCATE)");
      } finally {
        client.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
      }
    });
  }

  /**
   * Holds back every unit of work while another connection of this process writes to the file, so that nobody waits for
   * its lock on the event loop.
   */
  async lend<T>(work: () => Promise<T>): Promise<T> {
    return this.#writing.run(work);
  }

  /** Waits for the unit of work under way, then closes both connections; the WAL is folded into the file. */
  async close(): Promise<void> {
    await this.#writing.run(() => this.#disconnect());
  }

  /** Opens the file again after {@link close}; migrates it when it is older. */
  async reopen(): Promise<void> {
    await this.#writing.run(() => {
      if (!this.#writer) this.#connect();
    });
  }

  #connect(): void {
    const { path, synchronous, migrations, pageSizeBytes, foldAtPages, incrementalVacuum } = this.#options;
    this.#guarded(() => {
      closeSync(openSync(path, "a", FILE_MODE));
      const writer = new CachingConnection(path, { readwrite: true, strict: true });
      this.#writer = drizzle({ client: writer });
      if (pageSizeBytes) writer.run(`PRAGMA page_size = ${pageSizeBytes}`);
      if (incrementalVacuum) writer.run("PRAGMA auto_vacuum = INCREMENTAL");
      configure(writer, synchronous);
      if (foldAtPages) writer.run(`PRAGMA wal_autocheckpoint = ${foldAtPages}`);
      migrate(this.#writer, path, migrations);
      this.#connectReader();
    });
  }

  #connectReader(): void {
    const reader = new CachingConnection(this.path, { readwrite: true, strict: true });
    this.#reader = drizzle({ client: reader });
    configure(reader, this.#options.synchronous);
    reader.run("PRAGMA query_only = ON");
  }

  /** Opens all or nothing. */
  #guarded(open: () => void): void {
    try {
      open();
    } catch (error) {
      this.#disconnect();
      throw openingError(error, this.path);
    }
  }

  /** The reader goes first: the writer is then the last one, and folds the WAL into the file. */
  #disconnect(): void {
    const connections = [this.#reader, this.#writer];
    this.#reader = undefined;
    this.#writer = undefined;
    for (const connection of connections) connection?.$client.close();
  }
}

function configure(client: CachingConnection, synchronous: "FULL" | "NORMAL"): void {
  client.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  client.run("PRAGMA journal_mode = WAL");
  client.run(`PRAGMA journal_size_limit = ${WAL_KEPT_BYTES}`);
  client.run(`PRAGMA synchronous = ${synchronous}`);
  client.run("PRAGMA foreign_keys = ON");
  client.run("PRAGMA temp_store = MEMORY");
  client.run(`PRAGMA cache_size = -${CACHE_KIB}`);
}

/** SQLite may have rolled back by itself (disk full, I/O error); a second ROLLBACK would hide the first error. */
function rollBack(client: CachingConnection): void {
  if (client.inTransaction) client.run("ROLLBACK");
}

function closed(path: string): never {
  throw new AppError("not_ready", `The database ${path} is closed.`);
}
