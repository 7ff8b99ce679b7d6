import type { Database } from "../database/database.ts";
import { type Page, type PageQuery, pageOf, readCursor } from "../database/paging.ts";
import type { Clock } from "../lib/clock.ts";
import type { Audit } from "./audit.ts";
import { CHAIN_START, type ChainPosition, chainMac, positionSignature } from "./audit-chain.ts";
import type { AuditHead, HeadReading } from "./audit-head.ts";
import type { AuditFilter, AuditRow, AuditStore, CheckpointRow } from "./audit-store.ts";

/** Why the chain does not hold, and at which row. */
export interface AuditDamage {
  seq: number;
  reason: string;
}

/** What the last walk over the chain found. */
export interface Verification {
  /** Epoch milliseconds. */
  at: number;
  /** Rows whose MAC was computed anew. */
  rows: number;
  damage: AuditDamage | undefined;
}

/** Where the chain stands. */
export interface ChainState {
  rows: number;
  firstSeq: number | null;
  lastSeq: number | null;
  /** MAC of the newest row. */
  lastMac: string | null;
  /** What stands for the rows that retention removed. */
  checkpoint: Pick<CheckpointRow, "seq" | "at"> | undefined;
  /** Since this process began; undefined before the first. */
  verification: Verification | undefined;
}

interface AuditLogParts {
  database: Database;
  store: AuditStore;
  clock: Clock;
  /** The key of the chain. */
  key: Uint8Array;
  /** Absent where only the database is looked at. */
  head?: AuditHead | undefined;
}

const LIST = "audit";
const VERIFY_ROWS = 1_000;
const EXPORT_ROWS = 500;
/** Rows looked at in one go for a filter that may fit few; between two of them others get their turn. */
const SEARCH_WINDOW = 20_000;
/** Windows a page may take; then it is answered with what was found, and a cursor to go on. */
const MAX_WINDOWS = 50;
/** Rows removed in one unit of work. */
const RETENTION_ROWS = 2_000;
const DAY_MS = 24 * 60 * 60 * 1_000;
/** The row by which the log itself says that its newest position is kept beside the database. */
const ANCHOR = "audit.anchor";

/** Reads the audit log: search, export, verification, and the retention that keeps what stays provable. */
export class AuditLog {
  readonly #parts: AuditLogParts;
  #verification: Verification | undefined;

  constructor(parts: AuditLogParts) {
    this.#parts = parts;
  }

  /**
   * Looks, before the first row of this process is written, whether the database is as far as the record beside it. When
   * rows are missing, the chain goes on after them: the gap stays, and {@link verify} goes on finding it.
   */
  async open(audit: Audit): Promise<AuditDamage | undefined> {
    const { database, store, head } = this.#parts;
    if (!head) return undefined;
    const reading = await head.read();
    const last = await store.findLast();
    const damage = await this.#headDamage(reading, last, undefined);
    if (reading.kind === "sound" && reading.seq > (last?.seq ?? 0)) audit.continueAfter(reading);
    if (damage) {
      await database.write((tx) =>
        audit.appendOwn(tx, { action: "audit.damage", target: "chain", detail: { ...damage } }),
      );
    } else if (reading.kind === "absent") {
      await database.write((tx) => audit.appendOwn(tx, { action: ANCHOR, target: "chain" }));
    } else if (reading.kind === "sound" && last && last.seq > reading.seq) head.advance(last);
    await head.settle();
    return damage;
  }

  /** Rows that the filter fits, newest first. A page may be short and have a cursor: the search then goes on from there. */
  async list(filter: AuditFilter, { limit, cursor }: PageQuery): Promise<Page<AuditRow>> {
    const { store } = this.#parts;
    const range = await store.findRange();
    if (!range) return { items: [], nextCursor: null };
    const before = readCursor(LIST, cursor);
    let last = before === undefined ? range.last : Math.min(range.last, Number(before) - 1);
    const found: AuditRow[] = [];
    for (let window = 0; window < MAX_WINDOWS && last >= range.first; window++) {
      const first = Math.max(range.first, last - SEARCH_WINDOW + 1);
      found.push(...(await store.search(filter, { first, last }, limit + 1 - found.length)));
      if (found.length > limit) return pageOf(LIST, found, limit, ({ seq }) => String(seq));
      last = first - 1;
      await breathe();
    }
    if (last < range.first) return { items: found, nextCursor: null };
    return { items: found, nextCursor: pageOf(LIST, [last + 1, 0], 1, String).nextCursor };
  }

  /** Every row that the filter fits, oldest first, in batches; others get their turn in between. */
  async *read(filter: AuditFilter): AsyncGenerator<AuditRow[]> {
    const { store } = this.#parts;
    const range = await store.findRange();
    if (!range) return;
    for (let first = range.first; first <= range.last; ) {
      const last = Math.min(range.last, first + SEARCH_WINDOW - 1);
      const rows = await store.search(filter, { first, last }, EXPORT_ROWS, "oldest");
      if (rows.length > 0) yield rows;
      const newest = rows.at(-1);
      first = rows.length === EXPORT_ROWS && newest ? newest.seq + 1 : last + 1;
      await breathe();
    }
  }

  /** Walks the whole chain; the first row that does not hold, or undefined. Yields between pages of rows. */
  async verify(): Promise<AuditDamage | undefined> {
    const at = this.#parts.clock.now();
    const { damage, rows } = await this.#walk();
    this.#verification = { at, rows, damage };
    return damage;
  }

  async state(): Promise<ChainState> {
    const { store } = this.#parts;
    const [range, last, checkpoint] = [
      await store.findRange(),
      await store.findLast(),
      await store.findCheckpoint(),
    ];
    return {
      rows: range ? range.last - range.first + 1 : 0,
      firstSeq: range?.first ?? null,
      lastSeq: range?.last ?? null,
      lastMac: last?.mac ?? null,
      checkpoint: checkpoint && { seq: checkpoint.seq, at: checkpoint.at },
      verification: this.#verification,
    };
  }

  /** Whether the key signed what is there: one of the oldest rows holds under it, or there is none. */
  async fitsKey(): Promise<boolean> {
    const { store } = this.#parts;
    const checkpoint = await store.findCheckpoint();
    if (checkpoint) return this.#holds(checkpoint);
    const rows = await store.listAfter(0, VERIFY_ROWS);
    if (rows.length === 0) return true;
    let previousMac = CHAIN_START;
    for (const row of rows) {
      if (row.mac === chainMac(this.#parts.key, previousMac, row)) return true;
      previousMac = row.mac;
    }
    return false;
  }

  /**
   * Removes rows older than `days`, from the oldest on, and signs where the chain now begins. Only what was verified is
   * removed: damage stays where it can be seen. The newest row always stays. Returns how many went.
   */
  async retain(days: number, audit: Audit): Promise<number> {
    const { database, store, clock } = this.#parts;
    const firstKept = await store.findFirstSince(clock.now() - days * DAY_MS);
    const through = firstKept === undefined ? ((await store.findLast())?.seq ?? 0) - 1 : firstKept - 1;
    let removed = 0;
    for (;;) {
      const batch = await this.#provenBatch(through);
      if (!batch) break;
      removed += batch.rows;
      const position = { seq: batch.seq, mac: batch.mac, at: clock.now() };
      const signature = positionSignature(this.#parts.key, "checkpoint", position);
      await database.write((tx) => store.removeThrough(tx, { ...position, signature }));
      await breathe();
    }
    if (removed > 0) {
      const detail = { removed, olderThanDays: days };
      await database.write((tx) => audit.appendOwn(tx, { action: "audit.retain", target: "chain", detail }));
    }
    return removed;
  }

  /** The next oldest rows up to `through` that hold; undefined when there are none. */
  async #provenBatch(through: number): Promise<(ChainPosition & { rows: number }) | undefined> {
    const { store, key } = this.#parts;
    const start = await this.#start();
    if ("reason" in start) return undefined;
    let last: ChainPosition = start;
    let rows = 0;
    for (const row of await store.listAfter(start.seq, RETENTION_ROWS)) {
      if (row.seq > through || row.seq !== last.seq + 1 || row.mac !== chainMac(key, last.mac, row)) break;
      last = row;
      rows++;
    }
    return rows === 0 ? undefined : { seq: last.seq, mac: last.mac, rows };
  }

  async #walk(): Promise<{ damage: AuditDamage | undefined; rows: number }> {
    const { store, key, head } = this.#parts;
    // Read before the rows: both only grow, so that rows written meanwhile are no damage.
    const reading = head && (await head.read());
    const highest = await store.highestSeqGiven();
    const start = await this.#start();
    if ("reason" in start) return { damage: start, rows: 0 };
    let last: ChainPosition = start;
    let rows = 0;
    const fail = (seq: number, reason: string) => ({ damage: { seq, reason }, rows });
    for (;;) {
      const page = await store.listAfter(last.seq, VERIFY_ROWS);
      for (const row of page) {
        if (row.seq !== last.seq + 1) return fail(last.seq + 1, "the row is missing");
        if (row.mac !== chainMac(key, last.mac, row)) return fail(row.seq, "the row was changed");
        last = row;
        rows++;
      }
      if (page.length < VERIFY_ROWS) break;
      await breathe();
    }
    if (last.seq < highest) return fail(last.seq + 1, "the newest rows are missing");
    return { damage: reading && (await this.#headDamage(reading, last, start)), rows };
  }

  /** The position the oldest row is chained to. */
  async #start(): Promise<ChainPosition | AuditDamage> {
    const checkpoint = await this.#parts.store.findCheckpoint();
    if (!checkpoint) return { seq: 0, mac: CHAIN_START };
    if (this.#holds(checkpoint)) return checkpoint;
    return { seq: checkpoint.seq, reason: "the checkpoint of the removed rows was changed" };
  }

  /** What the record beside the database says against the rows; `last` is the newest of them. */
  async #headDamage(
    reading: HeadReading,
    last: ChainPosition | undefined,
    start: ChainPosition | undefined,
  ): Promise<AuditDamage | undefined> {
    const { store } = this.#parts;
    const seq = last?.seq ?? 0;
    if (reading.kind === "broken") return { seq, reason: "the record of the newest row was changed" };
    if (reading.kind === "absent") {
      const isAnchored = (await store.findCheckpoint()) !== undefined || (await store.has(ANCHOR));
      return isAnchored ? { seq, reason: "the record of the newest row is missing" } : undefined;
    }
    if (reading.seq > seq) return { seq: seq + 1, reason: "the newest rows are missing" };
    if (start && reading.seq <= start.seq) return undefined;
    const row = await store.findRow(reading.seq);
    if (row && row.mac !== reading.mac)
      return { seq: reading.seq, reason: "the row is not the one that was recorded" };
    return undefined;
  }

  #holds({ signature, ...position }: CheckpointRow): boolean {
    return signature === positionSignature(this.#parts.key, "checkpoint", position);
  }
}

const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
