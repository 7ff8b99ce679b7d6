import { and, count, desc, eq, gte, inArray, like, lt, or, sql } from "drizzle-orm";
import { answerHours, incidentHours, incidents, recoveries } from "../../schema/tables/incidents.ts";
import type { Connection, Database } from "../database/database.ts";
import { type Page, type PageQuery, pageOf, readCursor } from "../database/paging.ts";
import { AppError } from "../errors/app-error.ts";
import type { ErrorCode, ErrorKind } from "../errors/catalogue.ts";
import {
  HOUR_MS,
  hourOf,
  type Incident,
  type IncidentState,
  type ListedIncident,
  type Occurrence,
  type RecoveryCount,
  SHOWN_HOURS,
} from "./incident.ts";
import { ANSWERED, MAX_OCCURRENCES, type OutcomeCount, type PendingIncident } from "./tally.ts";

/** Which incidents a list shows. */
export interface IncidentFilter {
  states?: readonly IncidentState[] | undefined;
  code?: string | undefined;
  kind?: string | undefined;
  /** Words of message, cause or place. */
  text?: string | undefined;
  /** Seen at or after this moment, epoch milliseconds. */
  since?: number | undefined;
}

/** What happened in the last 24 hours. */
export interface DaySummary {
  answered: number;
  /** Code → refusals. */
  refused: { code: string; count: number }[];
  failures: number;
  /** State → incidents. */
  states: Readonly<Record<IncidentState, number>>;
}

const LIST = "errors";
const CURSOR = /^(\d{1,16}) ([0-9a-f]{16})$/;
type IncidentRow = typeof incidents.$inferSelect;

/** Every query of the error centre. */
export class IncidentStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** As the unit of work under way sees it. */
  async findIn(tx: Connection, id: string): Promise<Incident | undefined> {
    const row = tx.select().from(incidents).where(eq(incidents.id, id)).get();
    return row && toIncident(row);
  }

  async find(id: string): Promise<ListedIncident | undefined> {
    const row = this.#database.reader.select().from(incidents).where(eq(incidents.id, id)).get();
    return row && { ...toIncident(row), hours: [] };
  }

  /** The latest first. @throws AppError `invalid_cursor` */
  async list({ limit, cursor }: PageQuery, filter: IncidentFilter): Promise<Page<Incident>> {
    const { states, code, kind, text, since } = filter;
    const rows = this.#database.reader
      .select()
      .from(incidents)
      .where(
        and(
          states && states.length > 0 ? inArray(incidents.state, [...states]) : undefined,
          code === undefined ? undefined : eq(incidents.code, code),
          kind === undefined ? undefined : eq(incidents.kind, kind),
          since === undefined ? undefined : gte(incidents.lastSeenAt, since),
          text === undefined ? undefined : contains(text),
          before(readCursor(LIST, cursor)),
        ),
      )
      .orderBy(desc(incidents.lastSeenAt), desc(incidents.id))
      .limit(limit + 1)
      .all();
    return pageOf(LIST, rows.map(toIncident), limit, ({ lastSeenAt, id }) => `${lastSeenAt} ${id}`);
  }

  /** Adds, to each, how often it happened in the last 24 hours up to `now`. */
  async withHours(items: readonly Incident[], now: number): Promise<ListedIncident[]> {
    const from = hourOf(now) - (SHOWN_HOURS - 1) * HOUR_MS;
    const ids = items.map(({ id }) => id);
    const rows = this.#database.reader
      .select()
      .from(incidentHours)
      .where(and(inArray(incidentHours.incidentId, ids), gte(incidentHours.hour, from)))
      .all();
    const byIncident = Map.groupBy(rows, (row) => row.incidentId);
    return items.map((incident) => {
      const hours = new Array<number>(SHOWN_HOURS).fill(0);
      for (const row of byIncident.get(incident.id) ?? []) {
        const index = (row.hour - from) / HOUR_MS;
        if (index < SHOWN_HOURS) hours[index] = row.count;
      }
      return { ...incident, hours };
    });
  }

  /** Adds what happened since the last write, in the state it has now; gives how often it happened altogether. */
  async add(
    tx: Connection,
    pending: PendingIncident,
    before: Incident | undefined,
    state: IncidentState,
  ): Promise<number> {
    const { hours, occurrences, count: added, firstSeenAt, isUrgent: _isUrgent, ...latest } = pending;
    const kept = [...occurrences, ...(before?.occurrences ?? [])].slice(0, MAX_OCCURRENCES);
    const cameBack = state === "reopened" && before?.state === "resolved";
    const row = {
      ...latest,
      state,
      count: (before?.count ?? 0) + added,
      firstSeenAt: before?.firstSeenAt ?? firstSeenAt,
      lastSeenAt: Math.max(before?.lastSeenAt ?? 0, pending.lastSeenAt),
      occurrences: JSON.stringify(kept),
      regressions: (before?.regressions ?? 0) + (cameBack ? 1 : 0),
    };
    tx.insert(incidents).values(row).onConflictDoUpdate({ target: incidents.id, set: row }).run();
    for (const [hour, times] of hours) {
      tx.insert(incidentHours)
        .values({ incidentId: pending.id, hour, count: times })
        .onConflictDoUpdate({
          target: [incidentHours.incidentId, incidentHours.hour],
          set: { count: sql`${incidentHours.count} + ${times}` },
        })
        .run();
    }
    return row.count;
  }

  async setEscalated(tx: Connection, id: string, at: number): Promise<void> {
    tx.update(incidents).set({ escalatedAt: at }).where(eq(incidents.id, id)).run();
  }

  async setState(tx: Connection, id: string, state: IncidentState, at: number, by: string): Promise<void> {
    tx.update(incidents)
      .set({ state, stateChangedAt: at, stateChangedBy: by })
      .where(eq(incidents.id, id))
      .run();
  }

  async addOutcome(tx: Connection, { hour, outcome, count: times }: OutcomeCount): Promise<void> {
    tx.insert(answerHours)
      .values({ hour, outcome, count: times })
      .onConflictDoUpdate({
        target: [answerHours.hour, answerHours.outcome],
        set: { count: sql`${answerHours.count} + ${times}` },
      })
      .run();
  }

  async addRecovery(tx: Connection, row: RecoveryCount): Promise<void> {
    const { attempts, successes, lastAttemptAt } = row;
    tx.insert(recoveries)
      .values(row)
      .onConflictDoUpdate({
        target: [recoveries.strategy, recoveries.code],
        set: {
          attempts: sql`${recoveries.attempts} + ${attempts}`,
          successes: sql`${recoveries.successes} + ${successes}`,
          lastAttemptAt,
        },
      })
      .run();
  }

  async listRecoveries(code?: string): Promise<RecoveryCount[]> {
    return this.#database.reader
      .select()
      .from(recoveries)
      .where(code === undefined ? undefined : eq(recoveries.code, code))
      .orderBy(recoveries.strategy, recoveries.code)
      .all();
  }

  /** What happened from `from` on, epoch milliseconds of an hour. */
  async summarise(from: number): Promise<DaySummary> {
    const db = this.#database.reader;
    const total = sql<number>`sum(${answerHours.count})`;
    const outcomes = db
      .select({ code: answerHours.outcome, count: total })
      .from(answerHours)
      .where(gte(answerHours.hour, from))
      .groupBy(answerHours.outcome)
      .orderBy(desc(total))
      .all();
    const failures = db
      .select({ count: sql<number | null>`sum(${incidentHours.count})` })
      .from(incidentHours)
      .where(gte(incidentHours.hour, from))
      .get();
    const states = { open: 0, reopened: 0, resolved: 0, ignored: 0 };
    const counted = db
      .select({ state: incidents.state, count: count() })
      .from(incidents)
      .groupBy(incidents.state);
    for (const row of counted.all()) states[row.state] = row.count;
    return {
      answered: outcomes.find(({ code }) => code === ANSWERED)?.count ?? 0,
      refused: outcomes.filter(({ code }) => code !== ANSWERED),
      failures: failures?.count ?? 0,
      states,
    };
  }

  /** Removes what was last seen before `before`, and the counts of hours before `hoursBefore`. */
  async removeOld(tx: Connection, seenBefore: number, hoursBefore: number): Promise<void> {
    tx.delete(incidents).where(lt(incidents.lastSeenAt, seenBefore)).run();
    tx.delete(incidentHours).where(lt(incidentHours.hour, hoursBefore)).run();
    tx.delete(answerHours).where(lt(answerHours.hour, hoursBefore)).run();
  }

  /** Leaves at most `kept` incidents: those that are settled go first, then those that were not seen for longest. */
  async removeBeyond(tx: Connection, kept: number): Promise<void> {
    const total = tx.select({ count: count() }).from(incidents).get()?.count ?? 0;
    if (total <= kept) return;
    const isSettled = sql`${incidents.state} IN ('resolved', 'ignored')`;
    const leaving = tx
      .select({ id: incidents.id })
      .from(incidents)
      .orderBy(desc(isSettled), incidents.lastSeenAt)
      .limit(total - kept);
    tx.delete(incidents).where(inArray(incidents.id, leaving)).run();
  }
}

function contains(text: string) {
  const pattern = `%${text.replace(/[\\%_]/g, "\\$&")}%`;
  const within = (column: typeof incidents.message | typeof incidents.cause | typeof incidents.place) =>
    sql`${column} LIKE ${pattern} ESCAPE '\\'`;
  return or(
    within(incidents.message),
    within(incidents.cause),
    within(incidents.place),
    like(incidents.code, pattern),
  );
}

function before(key: string | undefined) {
  if (key === undefined) return undefined;
  const [, at = "", id = ""] = CURSOR.exec(key) ?? [];
  if (id === "") throw new AppError("invalid_cursor");
  const lastSeenAt = Number(at);
  return or(
    lt(incidents.lastSeenAt, lastSeenAt),
    and(eq(incidents.lastSeenAt, lastSeenAt), lt(incidents.id, id)),
  );
}

const toIncident = ({ code, kind, occurrences, ...row }: IncidentRow): Incident => ({
  ...row,
  code: code as ErrorCode,
  kind: kind as ErrorKind,
  occurrences: JSON.parse(occurrences) as Occurrence[],
});
