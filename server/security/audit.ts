import type { Connection, Database } from "../database/database.ts";
import type { Clock } from "../lib/clock.ts";
import { CHAIN_START, type ChainPosition, chainMac } from "./audit-chain.ts";
import type { AuditHead } from "./audit-head.ts";
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

const MAX_TEXT_LENGTH = 200;
const MAX_DETAIL_LENGTH = 4_096;
/** Kinds of refusals and uses gathered at once; further kinds are counted together. */
const MAX_GATHERED = 1_000;
const MINUTE_MS = 60_000;
const MANY = "many";
/** How Binnacle itself stands in the log. */
const OWN_ACTOR = "binnacle";

type Draft = Omit<AuditRow, "seq" | "mac">;
type Author = Pick<AuditRow, "actor" | "correlationId" | "address">;

interface AuditOptions {
  /** Where the newest position is kept beside the database; absent: nowhere. */
  head?: AuditHead;
  /** Takes secrets out of a text. */
  scrub?: (text: string) => string;
}

/**
 * Writes the audit log: append-only, each row's MAC made over the row before it, under a key that is not readable in the
 * database. {@link AuditLog} reads and verifies it.
 */
export class Audit {
  readonly #database: Database;
  readonly #store: AuditStore;
  readonly #clock: Clock;
  readonly #key: Uint8Array;
  readonly #head: AuditHead | undefined;
  readonly #scrub: (text: string) => string;
  /** Where the chain goes on when rows are missing at its end: they leave a gap that stays visible. */
  #continuation: ChainPosition | undefined;
  /** Refusals and uses since the last flush, by minute, actor and action: a flood of them writes one row a minute. */
  #gathered = new Map<string, Draft>();

  constructor(
    database: Database,
    store: AuditStore,
    clock: Clock,
    key: Uint8Array,
    { head, scrub = (text) => text }: AuditOptions = {},
  ) {
    this.#database = database;
    this.#store = store;
    this.#clock = clock;
    this.#key = key;
    this.#head = head;
    this.#scrub = scrub;
  }

  /** From now on the chain goes on after `position`, though the rows up to it are missing. */
  continueAfter(position: ChainPosition): void {
    this.#continuation = position;
  }

  /** How a caller stands in the log. */
  nameOf(caller: Caller): string {
    return authorOf(caller).actor;
  }

  /** Appends a change within the unit of work that makes it: both happen, or neither. */
  async append(tx: Connection, caller: Caller, event: AuditEvent): Promise<void> {
    await this.#insert(tx, this.#draft(authorOf(caller), event, "ok"));
  }

  /** Appends what Binnacle did by itself. */
  async appendOwn(tx: Connection, event: AuditEvent): Promise<void> {
    await this.#insert(tx, this.#draft(OWN_AUTHOR, event, "ok"));
  }

  /**
   * Counts a refusal; rows are written by {@link flush}, one a minute for each actor and action, with the target,
   * address and correlation id of the first. A crash loses those of the running minute at most.
   */
  recordRefusal(caller: Caller, event: AuditEvent): void {
    const draft = this.#draft(authorOf(caller), event, "denied");
    this.#gather(draft, [draft.actor, draft.action]);
  }

  /**
   * Counts a refusal of what is no caller, such as a plugin; one row a minute for each actor, action and target. Whoever
   * records bounds the targets.
   */
  recordRefusalOf(actor: string, event: AuditEvent): void {
    const draft = this.#draft({ actor, correlationId: "", address: "" }, event, "denied");
    this.#gather(draft, [draft.actor, draft.action, draft.target]);
  }

  /** Counts a use, by Binnacle itself when there is no caller; one row a minute for each actor, action, target and detail. */
  recordUse(caller: Caller | undefined, event: AuditEvent): void {
    const draft = this.#draft(caller ? authorOf(caller) : OWN_AUTHOR, event, "ok");
    this.#gather(draft, [draft.actor, draft.action, draft.target, draft.detail]);
  }

  /** Writes the refusals and uses gathered so far, and waits until the newest position stands beside the database. */
  async flush(): Promise<void> {
    if (this.#gathered.size > 0) await this.#writeGathered();
    await this.#head?.settle();
  }

  async #writeGathered(): Promise<void> {
    const gathered = this.#gathered;
    this.#gathered = new Map();
    try {
      await this.#database.write(async (tx) => {
        for (const draft of gathered.values()) await this.#insert(tx, draft);
      });
    } catch (error) {
      this.#putBack(gathered);
      throw error;
    }
  }

  async #insert(tx: Connection, draft: Draft): Promise<void> {
    const last = await this.#lastPosition(tx);
    const row = { ...draft, seq: last.seq + 1 };
    const mac = chainMac(this.#key, last.mac, row);
    await this.#store.insert(tx, { ...row, mac });
    const head = this.#head;
    if (head) this.#database.afterCommit(() => head.advance({ seq: row.seq, mac }));
  }

  async #lastPosition(tx: Connection): Promise<ChainPosition> {
    const last = await this.#store.findLast(tx);
    const continuation = this.#continuation;
    if (continuation && continuation.seq > (last?.seq ?? 0)) return continuation;
    return last ?? { seq: 0, mac: CHAIN_START };
  }

  #draft(author: Author, event: AuditEvent, outcome: AuditRow["outcome"]): Draft {
    const detail = this.#scrub(JSON.stringify(event.detail ?? {}));
    return {
      at: this.#clock.now(),
      actor: this.#clip(author.actor),
      action: this.#clip(event.action),
      target: this.#clip(event.target),
      outcome,
      correlationId: this.#clip(author.correlationId),
      address: this.#clip(author.address),
      detail: detail.length > MAX_DETAIL_LENGTH ? '{"clipped":true}' : detail,
      count: 1,
    };
  }

  /** Secrets go before the text is cut: half a secret would not be recognised. */
  #clip(text: string): string {
    return this.#scrub(text).slice(0, MAX_TEXT_LENGTH);
  }

  #gather(draft: Draft, kind: readonly string[]): void {
    const minute = Math.floor(draft.at / MINUTE_MS);
    const key = JSON.stringify([minute, draft.outcome, ...kind]);
    const known = this.#gathered.get(key);
    if (known) known.count++;
    else if (this.#gathered.size < MAX_GATHERED) this.#gathered.set(key, draft);
    else this.#countWithMany(minute, draft);
  }

  #countWithMany(minute: number, draft: Draft): void {
    const key = JSON.stringify([minute, draft.outcome, MANY, MANY]);
    const known = this.#gathered.get(key);
    if (known) known.count++;
    else this.#gathered.set(key, { ...draft, actor: MANY, action: MANY, target: MANY, detail: "{}" });
  }

  /** After a failed flush: counted with what came meanwhile, still within the bound (one minute's `many` may go over). */
  #putBack(gathered: ReadonlyMap<string, Draft>): void {
    for (const [key, draft] of gathered) {
      const known = this.#gathered.get(key);
      if (known) known.count += draft.count;
      else if (this.#gathered.size < MAX_GATHERED) this.#gathered.set(key, draft);
    }
  }
}

const OWN_AUTHOR: Author = { actor: OWN_ACTOR, correlationId: "", address: "" };

const authorOf = ({ principal, correlationId, clientAddress }: Caller): Author => ({
  actor: principalName(principal),
  correlationId,
  address: clientAddress,
});
