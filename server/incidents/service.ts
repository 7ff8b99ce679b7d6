import type { Connection, Database } from "../database/database.ts";
import type { Page, PageQuery } from "../database/paging.ts";
import { AppError, toAppError } from "../errors/app-error.ts";
import type { ErrorCode } from "../errors/catalogue.ts";
import type { FailureContext } from "../errors/failure.ts";
import type { Clock } from "../lib/clock.ts";
import { newId } from "../lib/ids.ts";
import { JoinedRuns } from "../lib/joined-runs.ts";
import { Escalation, type EscalationReason, type EscalationRules } from "./escalation.ts";
import {
  HOUR_MS,
  hourOf,
  type Incident,
  type IncidentState,
  type ListedIncident,
  type RecoveryCount,
  type SettableState,
  SHOWN_HOURS,
} from "./incident.ts";
import { type DaySummary, type IncidentFilter, IncidentStore } from "./store.ts";
import { type Batch, type PendingIncident, Tally } from "./tally.ts";

/** How long and how many incidents are kept, and when somebody is told. */
export interface IncidentRules {
  retentionMs: number;
  maxIncidents: number;
  escalation: EscalationRules;
}

/** Somebody should know. */
export interface Escalated {
  incident: Pick<Incident, "id" | "code" | "message" | "count">;
  reason: EscalationReason;
}

interface IncidentParts {
  database: Database;
  clock: Clock;
  rules: () => IncidentRules;
  /** Takes secrets out of a text. */
  scrub: (text: string) => string;
}

/** Incidents written in one unit of work; between two of them requests have their turn. */
const WRITTEN_AT_ONCE = 10;
/** How long the counts of hours are kept. */
const HOURS_KEPT_MS = 7 * 24 * HOUR_MS;

/**
 * The error centre: every failure, grouped by its cause, counted, and kept until somebody settles it. What happens is
 * gathered in memory and written by a timer: a kill loses what came since the last write, and no request waits.
 */
export class Incidents {
  readonly #parts: IncidentParts;
  readonly #store: IncidentStore;
  readonly #tally: Tally;
  readonly #escalation = new Escalation();
  readonly #announcers: ((tx: Connection, escalated: Escalated) => Promise<unknown>)[] = [];
  readonly #flushes = new JoinedRuns(() => this.#flush());

  constructor(parts: IncidentParts) {
    this.#parts = parts;
    this.#store = new IncidentStore(parts.database);
    this.#tally = new Tally(parts.scrub);
  }

  /** Has `announce`, beside those before it, tell of escalations, within the unit of work that counts them. */
  onEscalation(announce: (tx: Connection, escalated: Escalated) => Promise<unknown>): void {
    this.#announcers.push(announce);
  }

  /** Takes note of a failure. Never throws and never waits. */
  readonly record = (
    thrown: unknown,
    { where, correlationId, principal, isUrgent = false }: FailureContext,
  ): void => {
    const at = this.#parts.clock.now();
    const who = principal === undefined ? {} : { principal };
    const occurrence = { correlationId: correlationId ?? newId(), at, place: where, ...who };
    this.#tally.add(toAppError(thrown), occurrence, isUrgent);
  };

  /** Counts an answered request, and its refusal when it was refused. */
  countAnswer(refusal: ErrorCode | undefined): void {
    this.#tally.countAnswer(this.#parts.clock.now(), refusal);
  }

  /** Counts what a recovery strategy did. */
  countRecovery(strategy: string, code: ErrorCode, hasSucceeded: boolean): void {
    const lastAttemptAt = this.#parts.clock.now();
    const successes = hasSucceeded ? 1 : 0;
    this.#tally.countRecovery({ strategy, code, attempts: 1, successes, lastAttemptAt });
  }

  /** Writes what happened since the last time; what cannot be written is kept for the next. @throws AppError */
  async flush(): Promise<void> {
    await this.#flushes.run();
  }

  /** Removes what is older, or more, than is kept. */
  async clean(): Promise<void> {
    const { retentionMs, maxIncidents } = this.#parts.rules();
    const now = this.#parts.clock.now();
    await this.#parts.database.write(async (tx) => {
      await this.#store.removeOld(tx, now - retentionMs, hourOf(now - HOURS_KEPT_MS));
      await this.#store.removeBeyond(tx, maxIncidents);
    });
  }

  /** The latest first. @throws AppError `invalid_cursor` */
  async list(query: PageQuery, filter: IncidentFilter): Promise<Page<ListedIncident>> {
    const { items, nextCursor } = await this.#store.list(query, filter);
    return { items: await this.#store.withHours(items, this.#parts.clock.now()), nextCursor };
  }

  /** @throws AppError `incident_not_found` */
  async get(id: string): Promise<ListedIncident> {
    const found = await this.#store.find(id);
    if (!found) throw new AppError("incident_not_found");
    const [listed] = await this.#store.withHours([found], this.#parts.clock.now());
    return listed ?? found;
  }

  /** What the strategies did: all of it, or what they did about one code. */
  listRecoveries(code?: string): Promise<RecoveryCount[]> {
    return this.#store.listRecoveries(code);
  }

  /** The last 24 hours in figures. */
  summary(): Promise<DaySummary> {
    return this.#store.summarise(hourOf(this.#parts.clock.now()) - (SHOWN_HOURS - 1) * HOUR_MS);
  }

  /**
   * Settles an incident, or opens it again.
   * @param also is done in the same unit of work: the audit line of whoever asks.
   * @throws AppError `incident_not_found`
   */
  async setState(
    id: string,
    state: SettableState,
    by: string,
    also: (tx: Connection, before: Incident) => Promise<void>,
  ): Promise<ListedIncident> {
    const { database, clock } = this.#parts;
    await database.write(async (tx) => {
      const incident = await this.#store.findIn(tx, id);
      if (!incident) throw new AppError("incident_not_found");
      await this.#store.setState(tx, id, state, clock.now(), by);
      await also(tx, incident);
    });
    return this.get(id);
  }

  async #flush(): Promise<void> {
    if (this.#tally.isEmpty) return;
    const left = this.#tally.take();
    try {
      while (!isEmpty(left)) {
        await this.#writeSome(left);
        await new Promise((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      this.#tally.putBack(left);
      throw error;
    }
  }

  /** Writes the next few of a batch and takes them out of it. */
  async #writeSome(left: Batch): Promise<void> {
    const some = left.incidents.slice(0, WRITTEN_AT_ONCE);
    await this.#parts.database.write(async (tx) => {
      for (const pending of some) await this.#add(tx, pending);
      for (const outcome of left.outcomes) await this.#store.addOutcome(tx, outcome);
      for (const recovery of left.recoveries) await this.#store.addRecovery(tx, recovery);
    });
    left.incidents.splice(0, some.length);
    left.outcomes = [];
    left.recoveries = [];
  }

  async #add(tx: Connection, pending: PendingIncident): Promise<void> {
    const { clock, rules } = this.#parts;
    const now = clock.now();
    const before = await this.#store.findIn(tx, pending.id);
    const state = stateAfter(before, pending.lastSeenAt);
    const count = await this.#store.add(tx, pending, before, state);
    const facts = {
      id: pending.id,
      isInternal: pending.kind === "internal",
      isNew: before === undefined,
      cameBack: state === "reopened" && before?.state === "resolved",
      isIgnored: state === "ignored",
      escalatedAt: before?.escalatedAt ?? null,
      added: pending.count,
      isUrgent: pending.isUrgent,
    };
    const reason = this.#escalation.judge(facts, rules().escalation, now);
    if (!reason) return;
    await this.#store.setEscalated(tx, pending.id, now);
    const { id, code, message } = pending;
    for (const announce of this.#announcers) {
      await announce(tx, { incident: { id, code, message, count }, reason });
    }
  }
}

/** What was resolved is open again when it happens after that, not when it had happened before and is only written now. */
function stateAfter(before: Incident | undefined, lastSeenAt: number): IncidentState {
  if (!before) return "open";
  if (before.state !== "resolved") return before.state;
  return lastSeenAt > (before.stateChangedAt ?? 0) ? "reopened" : "resolved";
}

const isEmpty = ({ incidents, outcomes, recoveries }: Batch): boolean =>
  incidents.length + outcomes.length + recoveries.length === 0;
