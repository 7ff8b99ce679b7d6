import type { Connection } from "../database/database.ts";
import type { Clock } from "../lib/clock.ts";
import type { AccessEvent } from "./access-events.ts";
import type { Audit, AuditEvent } from "./audit.ts";
import type { Caller } from "./caller.ts";

type CausedEvent = AccessEvent & { correlationId: string };

/** Where events about access go. */
export interface AccessEvents {
  publishIn(tx: Connection, event: CausedEvent): Promise<unknown>;
  publishLater(event: CausedEvent): void;
}

const MINUTE_MS = 60_000;
/** Names and addresses that `session.refused` is said of in one minute; an attack from more is known by then. */
const MAX_REFUSED_A_MINUTE = 100;

/**
 * Records what the verbs of access did: the line of the audit log, for whoever looks back, and the events, for whoever
 * listens. Both belong to the unit of work of the change, so that all of it happens or none.
 */
export class Recorder {
  readonly #audit: Audit;
  readonly #events: AccessEvents;
  readonly #clock: Clock;
  #minute = 0;
  #refused = new Set<string>();

  constructor(audit: Audit, events: AccessEvents, clock: Clock) {
    this.#audit = audit;
    this.#events = events;
    this.#clock = clock;
  }

  /** Records a change within the unit of work that makes it. */
  async record(
    tx: Connection,
    caller: Caller,
    line: AuditEvent,
    events: readonly AccessEvent[],
  ): Promise<void> {
    await this.#audit.append(tx, caller, line);
    const { correlationId } = caller;
    for (const event of events) await this.#events.publishIn(tx, { ...event, correlationId });
  }

  /** Counts a refusal in the audit log; see {@link Audit.recordRefusal}. */
  recordRefusal(caller: Caller, line: AuditEvent): void {
    this.#audit.recordRefusal(caller, line);
  }

  /**
   * Tells that somebody fails to sign in too often: once a minute for each name and address. Outside of any unit of work.
   * @param name of a user; empty for one that no user has: people type passwords there.
   */
  tellOfGuessing(name: string, { clientAddress: address, correlationId }: Caller): void {
    const minute = Math.floor(this.#clock.now() / MINUTE_MS);
    if (minute !== this.#minute) this.#refused = new Set();
    this.#minute = minute;
    const key = JSON.stringify([name, address]);
    if (this.#refused.has(key) || this.#refused.size >= MAX_REFUSED_A_MINUTE) return;
    this.#refused.add(key);
    this.#events.publishLater({ type: "session.refused", payload: { name, address }, correlationId });
  }
}
