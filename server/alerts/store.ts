import { and, asc, count, desc, eq, gte, inArray, isNotNull, lt, lte, max, or, sql } from "drizzle-orm";
import { ALERT_STATES, type AlertState } from "../../schema/rules/alert-states.ts";
import { SEVERITIES, type Severity } from "../../schema/rules/severities.ts";
import { alerts, alertTransitions } from "../../schema/tables/alerts.ts";
import type { Connection, Database } from "../database/database.ts";
import { type Page, type PageQuery, pageOf, readCursor } from "../database/paging.ts";
import { Prepared } from "../database/prepared.ts";
import { AppError } from "../errors/app-error.ts";
import type { Alert, AlertTransition } from "./alert.ts";

/** Which alerts a list shows. */
export interface AlertFilter {
  states?: readonly AlertState[] | undefined;
  severity?: Severity | undefined;
  type?: string | undefined;
  ruleId?: string | undefined;
  /** Raised at or after this moment, epoch milliseconds. */
  since?: number | undefined;
  /** Raised at or before this moment, epoch milliseconds. */
  until?: number | undefined;
  /** Not resolved before this moment, epoch milliseconds. */
  openSince?: number | undefined;
  /** Stands in the message, the type or the labels, in either case. */
  text?: string | undefined;
}

/** What a rule brought forth; epoch milliseconds. */
export interface RuleStanding {
  ruleId: string;
  /** Its alerts that are not resolved. */
  open: number;
  lastFiredAt: number;
}

/** How many alerts there are of each severity in each state. */
export type AlertCounts = Readonly<Record<Severity, Readonly<Record<AlertState, number>>>>;

const LIST = "alerts";
const TIMELINE = "alerts.timeline";
/** A literal, as in the index of open alerts: SQLite does not use that index for a parameter. */
const IS_OPEN = sql`${alerts.state} <> 'resolved'`;
const { placeholder } = sql;
const FIND = new Prepared((db) =>
  db
    .select()
    .from(alerts)
    .where(eq(alerts.id, placeholder("id")))
    .prepare(),
);
const FIND_OPEN = new Prepared((db) =>
  db
    .select()
    .from(alerts)
    .where(and(eq(alerts.fingerprint, placeholder("fingerprint")), IS_OPEN))
    .prepare(),
);
const INSERT = new Prepared((db) =>
  db
    .insert(alerts)
    .values({
      ...{ id: placeholder("id"), fingerprint: placeholder("fingerprint"), type: placeholder("type") },
      ...{ severity: placeholder("severity"), state: placeholder("state"), message: placeholder("message") },
      ...{ labels: placeholder("labels"), source: placeholder("source"), ruleId: placeholder("ruleId") },
      ...{ occurrences: placeholder("occurrences"), raisedAt: placeholder("raisedAt") },
      ...{ lastSeenAt: placeholder("lastSeenAt"), stateChangedAt: placeholder("stateChangedAt") },
      ...{ stateChangedBy: placeholder("stateChangedBy"), mutedUntil: placeholder("mutedUntil") },
    })
    .prepare(),
);
const ADD_TRANSITION = new Prepared((db) =>
  db
    .insert(alertTransitions)
    .values({
      ...{ alertId: placeholder("alertId"), fingerprint: placeholder("fingerprint") },
      ...{ from: placeholder("from"), to: placeholder("to"), severity: placeholder("severity") },
      ...{ at: placeholder("at"), by: placeholder("by"), note: placeholder("note") },
    })
    .returning({ seq: alertTransitions.seq })
    .prepare(),
);
const CURSOR = /^(\d{1,16}) (\S{1,64})$/;

/** Every query of alerts and their timeline. */
export class AlertStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(id: string, db: Connection = this.#database.reader): Promise<Alert | undefined> {
    return FIND.on(db).get({ id });
  }

  async findMany(ids: readonly string[], db: Connection = this.#database.reader): Promise<Alert[]> {
    return db
      .select()
      .from(alerts)
      .where(inArray(alerts.id, [...ids]))
      .all();
  }

  /** The one of a fingerprint that is not resolved. */
  async findOpen(fingerprint: string, db: Connection = this.#database.reader): Promise<Alert | undefined> {
    return FIND_OPEN.on(db).get({ fingerprint });
  }

  /** Of a rule, those that are not resolved. */
  async listOpenOfRule(ruleId: string, db: Connection = this.#database.reader): Promise<Alert[]> {
    return db
      .select()
      .from(alerts)
      .where(and(eq(alerts.ruleId, ruleId), IS_OPEN))
      .all();
  }

  async countOpen(tx: Connection): Promise<number> {
    return tx.select({ open: count() }).from(alerts).where(IS_OPEN).get()?.open ?? 0;
  }

  async insert(tx: Connection, alert: Alert): Promise<void> {
    INSERT.on(tx).run({ ...alert });
  }

  async update(tx: Connection, id: string, changes: Partial<Omit<Alert, "id" | "labels">>): Promise<void> {
    tx.update(alerts).set(changes).where(eq(alerts.id, id)).run();
  }

  /** @returns its number. */
  async addTransition(
    tx: Connection,
    transition: Omit<AlertTransition, "seq"> & { fingerprint: string },
  ): Promise<number> {
    return ADD_TRANSITION.on(tx).get({ ...transition }).seq;
  }

  /** The latest first. @throws AppError `invalid_cursor` */
  async list({ limit, cursor }: PageQuery, filter: AlertFilter): Promise<Page<Alert>> {
    const { states, severity, type, ruleId, since, until, openSince, text } = filter;
    const rows = this.#database.reader
      .select()
      .from(alerts)
      .where(
        and(
          states && states.length > 0 ? inArray(alerts.state, [...states]) : undefined,
          severity === undefined ? undefined : eq(alerts.severity, severity),
          type === undefined ? undefined : eq(alerts.type, type),
          ruleId === undefined ? undefined : eq(alerts.ruleId, ruleId),
          since === undefined ? undefined : gte(alerts.raisedAt, since),
          until === undefined ? undefined : lte(alerts.raisedAt, until),
          openSince === undefined ? undefined : or(IS_OPEN, gte(alerts.stateChangedAt, openSince)),
          text === undefined ? undefined : contains(text),
          before(readCursor(LIST, cursor)),
        ),
      )
      .orderBy(desc(alerts.raisedAt), desc(alerts.id))
      .limit(limit + 1)
      .all();
    return pageOf(LIST, rows, limit, ({ raisedAt, id }) => `${raisedAt} ${id}`);
  }

  /** Oldest first, at most the latest 100. */
  async listTransitionsOf(alertId: string): Promise<AlertTransition[]> {
    const rows = this.#database.reader
      .select()
      .from(alertTransitions)
      .where(eq(alertTransitions.alertId, alertId))
      .orderBy(desc(alertTransitions.seq))
      .limit(100)
      .all();
    return rows.reverse();
  }

  /** All alerts' transitions, the latest first. @throws AppError `invalid_cursor` */
  async listTransitions({ limit, cursor }: PageQuery, since?: number): Promise<Page<AlertTransition>> {
    const after = readCursor(TIMELINE, cursor);
    const rows = this.#database.reader
      .select()
      .from(alertTransitions)
      .where(
        and(
          after === undefined ? undefined : lt(alertTransitions.seq, Number(after)),
          since === undefined ? undefined : gte(alertTransitions.at, since),
        ),
      )
      .orderBy(desc(alertTransitions.seq))
      .limit(limit + 1)
      .all();
    return pageOf(TIMELINE, rows, limit, ({ seq }) => String(seq));
  }

  /** How often a fingerprint began to fire at or after `since`. */
  async countRaises(tx: Connection, fingerprint: string, since: number): Promise<number> {
    const raises = and(
      eq(alertTransitions.fingerprint, fingerprint),
      gte(alertTransitions.at, since),
      eq(alertTransitions.to, "firing"),
    );
    return tx.select({ raises: count() }).from(alertTransitions).where(raises).get()?.raises ?? 0;
  }

  async summarise(): Promise<AlertCounts> {
    const rows = this.#database.reader
      .select({ severity: alerts.severity, state: alerts.state, alerts: count() })
      .from(alerts)
      .groupBy(alerts.severity, alerts.state)
      .all();
    const counts = Object.fromEntries(
      SEVERITIES.map((severity) => [severity, Object.fromEntries(ALERT_STATES.map((state) => [state, 0]))]),
    ) as Record<Severity, Record<AlertState, number>>;
    for (const row of rows) counts[row.severity][row.state] = row.alerts;
    return counts;
  }

  /** Of each rule that ever fired, as far as is kept. */
  async listRuleStandings(): Promise<RuleStanding[]> {
    const rows = this.#database.reader
      .select({
        ruleId: alerts.ruleId,
        open: sql<number>`sum(${IS_OPEN})`.mapWith(Number),
        lastFiredAt: max(alerts.raisedAt),
      })
      .from(alerts)
      .where(isNotNull(alerts.ruleId))
      .groupBy(alerts.ruleId)
      .all();
    return rows.map(({ ruleId, open, lastFiredAt }) => ({
      ...{ ruleId: ruleId ?? "", open, lastFiredAt: lastFiredAt ?? 0 },
    }));
  }

  /** Alerts whose mute has ended, the first to end first. */
  async listUnmuted(now: number, limit: number): Promise<Alert[]> {
    return this.#database.reader
      .select()
      .from(alerts)
      .where(and(eq(alerts.state, "muted"), lte(alerts.mutedUntil, now)))
      .orderBy(asc(alerts.mutedUntil))
      .limit(limit)
      .all();
  }

  /** Forgets what was resolved before `resolvedBefore`; some at a time. @returns how many it forgot. */
  async removeResolved(tx: Connection, resolvedBefore: number, limit: number): Promise<number> {
    const old = tx
      .select({ id: alerts.id })
      .from(alerts)
      .where(and(eq(alerts.state, "resolved"), lt(alerts.stateChangedAt, resolvedBefore)))
      .limit(limit);
    return tx.delete(alerts).where(inArray(alerts.id, old)).returning({ id: alerts.id }).all().length;
  }
}

/** Plain text, of which no character is a wildcard. SQLite folds both sides: it knows the case of ASCII letters only. */
function contains(text: string) {
  return or(
    ...[alerts.message, alerts.type, alerts.labels].map(
      (column) => sql`instr(lower(${column}), lower(${text})) > 0`,
    ),
  );
}

/** Rows that come after the last one of the page before. @throws AppError `invalid_cursor` */
function before(key: string | undefined) {
  if (key === undefined) return undefined;
  const [, at, id] = CURSOR.exec(key) ?? [];
  if (at === undefined || id === undefined) throw new AppError("invalid_cursor");
  const raisedAt = Number(at);
  return or(lt(alerts.raisedAt, raisedAt), and(eq(alerts.raisedAt, raisedAt), lt(alerts.id, id)));
}
