import type { Connection, Database } from "../database/database.ts";
import type { Clock } from "../lib/clock.ts";
import { CHAIN_START, chainKey, chainMac } from "./audit-chain.ts";
import type { AuditRow, AuditStore } from "./audit-store.ts";
import type { Caller } from "./caller.ts";
import { principalName } from "./principal.ts";

/** What was done, or refused. */
export interface AuditEvent {
  /** Noun and verb: `user.create`. */
  action: string;
  /** What was acted upon: an id as a rule; for a refusal, as much as the caller said. */
  target: string;
  /** What a reader needs beside it; never a secret. */
  detail?: Readonly<Record<string, unknown>>;
}

/** Why the chain does not hold, and at which row. */
export interface AuditDamage {
  seq: number;
  reason: string;
}

const MAX_TEXT_LENGTH = 200;
const MAX_DETAIL_LENGTH = 4_096;
/** Kinds of refusal gathered at once; further kinds are counted together. */
const MAX_GATHERED = 1_000;
const VERIFY_ROWS = 1_000;
const MINUTE_MS = 60_000;
const MANY = "many";

type Draft = Omit<AuditRow, "seq" | "mac">;

/**
 * The audit log: append-only, each row's MAC made over the row before it, under a key that is not in the database.
 * Editing, inserting, reordering or removing rows is found by {@link verify}; cutting off the newest rows is found
 * as long as SQLite's own counter was not set back too.
 */
export class Audit {
  readonly #database: Database;
  readonly #store: AuditStore;
  readonly #clock: Clock;
  readonly #key: Uint8Array;
  /** Refusals since the last flush, by minute, actor and action: a flood of them writes one row a minute. */
  #refusals = new Map<string, Draft>();

  constructor(database: Database, store: AuditStore, clock: Clock, masterKey: Uint8Array) {
    this.#database = database;
    this.#store = store;
    this.#clock = clock;
    this.#key = chainKey(masterKey);
  }

  /** Appends a change within the unit of work that makes it: both happen, or neither. */
  async append(tx: Connection, caller: Caller, event: AuditEvent): Promise<void> {
    await this.#insert(tx, this.#draft(caller, event, "ok"));
  }

  /**
   * Counts a refusal; rows are written by {@link flushRefusals}, one a minute for each actor and action, with the
   * target, address and correlation id of the first. A crash loses those of the running minute at most.
   */
  recordRefusal(caller: Caller, event: AuditEvent): void {
    const draft = this.#draft(caller, event, "denied");
    const minute = Math.floor(draft.at / MINUTE_MS);
    const key = JSON.stringify([minute, draft.actor, draft.action]);
    const known = this.#refusals.get(key);
    if (known) known.count++;
    else if (this.#refusals.size < MAX_GATHERED) this.#refusals.set(key, draft);
    else this.#countWithMany(minute, draft);
  }

  /** Writes the refusals gathered so far. */
  async flushRefusals(): Promise<void> {
    if (this.#refusals.size === 0) return;
    const gathered = this.#refusals;
    this.#refusals = new Map();
    try {
      await this.#database.write(async (tx) => {
        for (const draft of gathered.values()) await this.#insert(tx, draft);
      });
    } catch (error) {
      this.#putBack(gathered);
      throw error;
    }
  }

  /** Walks the whole chain; the first row that does not hold, or undefined. Yields between pages of rows. */
  async verify(): Promise<AuditDamage | undefined> {
    const highest = await this.#store.highestSeqGiven();
    let last: Pick<AuditRow, "seq" | "mac"> = { seq: 0, mac: CHAIN_START };
    for (;;) {
      const rows = await this.#store.listAfter(last.seq, VERIFY_ROWS);
      for (const row of rows) {
        if (row.seq !== last.seq + 1) return { seq: last.seq + 1, reason: "the row is missing" };
        if (row.mac !== chainMac(this.#key, last.mac, row))
          return { seq: row.seq, reason: "the row was changed" };
        last = row;
      }
      if (rows.length < VERIFY_ROWS) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    return last.seq < highest ? { seq: last.seq + 1, reason: "the newest rows are missing" } : undefined;
  }

  async #insert(tx: Connection, draft: Draft): Promise<void> {
    const last = await this.#store.findLast(tx);
    const row = { ...draft, seq: (last?.seq ?? 0) + 1 };
    await this.#store.insert(tx, { ...row, mac: chainMac(this.#key, last?.mac ?? CHAIN_START, row) });
  }

  #draft(caller: Caller, event: AuditEvent, outcome: AuditRow["outcome"]): Draft {
    const detail = JSON.stringify(event.detail ?? {});
    return {
      at: this.#clock.now(),
      actor: clip(principalName(caller.principal)),
      action: clip(event.action),
      target: clip(event.target),
      outcome,
      correlationId: clip(caller.correlationId),
      address: clip(caller.clientAddress),
      detail: detail.length > MAX_DETAIL_LENGTH ? '{"clipped":true}' : detail,
      count: 1,
    };
  }

  #countWithMany(minute: number, draft: Draft): void {
    const key = JSON.stringify([minute, MANY, MANY]);
    const known = this.#refusals.get(key);
    if (known) known.count++;
    else this.#refusals.set(key, { ...draft, actor: MANY, action: MANY, target: MANY, detail: "{}" });
  }

  /** After a failed flush: counted with what came meanwhile, still within the bound (one minute's `many` may go over). */
  #putBack(gathered: ReadonlyMap<string, Draft>): void {
    for (const [key, draft] of gathered) {
      const known = this.#refusals.get(key);
      if (known) known.count += draft.count;
      else if (this.#refusals.size < MAX_GATHERED) this.#refusals.set(key, draft);
    }
  }
}

const clip = (text: string): string => text.slice(0, MAX_TEXT_LENGTH);
