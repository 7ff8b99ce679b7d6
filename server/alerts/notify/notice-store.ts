import {
  and,
  asc,
  desc,
  eq,
  gt,
  gte,
  inArray,
  isNotNull,
  lt,
  lte,
  min,
  ne,
  notInArray,
  sql,
} from "drizzle-orm";
import { alertGroups, alertMessages, alertNotices } from "../../../schema/tables/alerts.ts";
import type { Connection, Database } from "../../database/database.ts";
import { Prepared } from "../../database/prepared.ts";

export type Notice = typeof alertNotices.$inferSelect;
/** A message that named an alert. */
export type ToldMessage = typeof alertMessages.$inferSelect;
/** Alerts that the people of a route are told of together. */
export type Group = Pick<Notice, "routeId" | "groupKey">;
/** Some of the groups of a route, by their keys. */
export type SomeGroups = { among: readonly string[] } | { beside: readonly string[] };

/** Stands for all groups of a route that are not told of by themselves; no group has it, since theirs are JSON. */
export const REST_OF_GROUPS = "rest";

const { placeholder } = sql;
const IN_GROUP = and(
  eq(alertNotices.routeId, placeholder("routeId")),
  eq(alertNotices.groupKey, placeholder("groupKey")),
);
const FIND = new Prepared((db) =>
  db
    .select()
    .from(alertNotices)
    .where(
      and(eq(alertNotices.alertId, placeholder("alertId")), eq(alertNotices.routeId, placeholder("routeId"))),
    )
    .prepare(),
);
const PUT = new Prepared((db) => {
  const set = {
    ...{ groupKey: placeholder("groupKey"), dueAt: placeholder("dueAt"), heldBy: placeholder("heldBy") },
    ...{ told: placeholder("told"), step: placeholder("step"), escalateAt: placeholder("escalateAt") },
  };
  return db
    .insert(alertNotices)
    .values({ alertId: placeholder("alertId"), routeId: placeholder("routeId"), ...set })
    .onConflictDoUpdate({
      target: [alertNotices.alertId, alertNotices.routeId],
      set: Object.fromEntries(Object.entries(set).map(([name, value]) => [name, sql`${value}`])),
    })
    .prepare();
});
/** By the order of the index: the first one ends the search, however many wait. */
const EARLIEST_DUE = new Prepared((db) =>
  db
    .select({ dueAt: alertNotices.dueAt })
    .from(alertNotices)
    .where(and(IN_GROUP, isNotNull(alertNotices.dueAt), sql`${alertNotices.heldBy} IS NULL`))
    .orderBy(asc(alertNotices.dueAt))
    .limit(1)
    .prepare(),
);
const TOLD_AT = new Prepared((db) =>
  db
    .select({ toldAt: alertGroups.toldAt })
    .from(alertGroups)
    .where(
      and(eq(alertGroups.routeId, placeholder("routeId")), eq(alertGroups.groupKey, placeholder("groupKey"))),
    )
    .prepare(),
);

/** Every query of who was told what, and who is still to be told. */
export class NoticeStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(tx: Connection, alertId: string, routeId: string): Promise<Notice | undefined> {
    return FIND.on(tx).get({ alertId, routeId });
  }

  async put(tx: Connection, notice: Notice): Promise<void> {
    PUT.on(tx).run({ ...notice });
  }

  async remove(tx: Connection, { alertId, routeId }: Notice): Promise<void> {
    tx.delete(alertNotices)
      .where(and(eq(alertNotices.alertId, alertId), eq(alertNotices.routeId, routeId)))
      .run();
  }

  /** When the next of a group falls due that nothing holds back. */
  async earliestDue(tx: Connection, { routeId, groupKey }: Group): Promise<number | undefined> {
    return EARLIEST_DUE.on(tx).get({ routeId, groupKey })?.dueAt ?? undefined;
  }

  async toldAt(tx: Connection, { routeId, groupKey }: Group): Promise<number | undefined> {
    return TOLD_AT.on(tx).get({ routeId, groupKey })?.toldAt;
  }

  async putToldAt(tx: Connection, { routeId, groupKey }: Group, toldAt: number): Promise<void> {
    tx.insert(alertGroups)
      .values({ routeId, groupKey, toldAt })
      .onConflictDoUpdate({ target: [alertGroups.routeId, alertGroups.groupKey], set: { toldAt } })
      .run();
  }

  /** Routes whose people are to be told something. */
  async listDueRoutes(now: number): Promise<string[]> {
    const rows = this.#database.reader
      .selectDistinct({ routeId: alertNotices.routeId })
      .from(alertNotices)
      .where(lte(alertNotices.dueAt, now))
      .all();
    return rows.map(({ routeId }) => routeId);
  }

  /** Groups of a route that were told of by themselves since then. */
  async listGroupsTold(routeId: string, since: number): Promise<string[]> {
    const rows = this.#database.reader
      .select({ groupKey: alertGroups.groupKey })
      .from(alertGroups)
      .where(
        and(
          eq(alertGroups.routeId, routeId),
          gte(alertGroups.toldAt, since),
          ne(alertGroups.groupKey, REST_OF_GROUPS),
        ),
      )
      .all();
    return rows.map(({ groupKey }) => groupKey);
  }

  /** Groups that have something due, the one that waits longest first. */
  async listDueGroups(routeId: string, groups: SomeGroups, now: number, limit: number): Promise<string[]> {
    const rows = this.#database.reader
      .select({ groupKey: alertNotices.groupKey })
      .from(alertNotices)
      .where(isDue(routeId, groups, now))
      .groupBy(alertNotices.groupKey)
      .orderBy(asc(min(alertNotices.dueAt)))
      .limit(limit)
      .all();
    return rows.map(({ groupKey }) => groupKey);
  }

  async listDue(
    tx: Connection,
    routeId: string,
    groups: SomeGroups,
    now: number,
    limit: number,
  ): Promise<Notice[]> {
    return tx
      .select()
      .from(alertNotices)
      .where(isDue(routeId, groups, now))
      .orderBy(asc(alertNotices.dueAt), asc(alertNotices.alertId))
      .limit(limit)
      .all();
  }

  /** What is due is looked at again then. */
  async putOff(
    tx: Connection,
    routeId: string,
    groups: SomeGroups,
    now: number,
    dueAt: number,
  ): Promise<void> {
    tx.update(alertNotices)
      .set({ dueAt })
      .where(isDue(routeId, groups, now))
      .run();
  }

  /** Of a route that is gone or switched off: nobody is to be told of what is due. */
  async removeDue(tx: Connection, routeId: string, now: number): Promise<void> {
    tx.delete(alertNotices)
      .where(isDue(routeId, { beside: [] }, now))
      .run();
  }

  /** Steps of escalation that are due. */
  async listDueSteps(now: number): Promise<Pick<Notice, "routeId" | "step">[]> {
    return this.#database.reader
      .selectDistinct({ routeId: alertNotices.routeId, step: alertNotices.step })
      .from(alertNotices)
      .where(lte(alertNotices.escalateAt, now))
      .all();
  }

  async listEscalating(
    tx: Connection,
    { routeId, step }: Pick<Notice, "routeId" | "step">,
    now: number,
    limit: number,
  ): Promise<Notice[]> {
    return tx
      .select()
      .from(alertNotices)
      .where(
        and(
          eq(alertNotices.routeId, routeId),
          eq(alertNotices.step, step),
          lte(alertNotices.escalateAt, now),
        ),
      )
      .orderBy(asc(alertNotices.escalateAt), asc(alertNotices.alertId))
      .limit(limit)
      .all();
  }

  /** After the clock was set: what waits is looked at now, steps of escalation keep their distance. */
  async followClock(tx: Connection, now: number, jumpMs: number): Promise<void> {
    tx.update(alertNotices).set({ dueAt: now }).where(gt(alertNotices.dueAt, now)).run();
    tx.update(alertNotices)
      .set({ escalateAt: sql`${alertNotices.escalateAt} + ${jumpMs}` })
      .where(isNotNull(alertNotices.escalateAt))
      .run();
    tx.update(alertGroups).set({ toldAt: now }).where(gt(alertGroups.toldAt, now)).run();
  }

  /** After a change of routes or windows: what is held back is looked at now. */
  async lookAgain(tx: Connection, now: number): Promise<void> {
    tx.update(alertNotices)
      .set({ dueAt: now })
      .where(and(gt(alertNotices.dueAt, now), isNotNull(alertNotices.heldBy)))
      .run();
  }

  /** Notes that a message names these alerts. */
  async addMessage(
    tx: Connection,
    message: Omit<ToldMessage, "alertId">,
    alertIds: readonly string[],
  ): Promise<void> {
    tx.insert(alertMessages)
      .values(alertIds.map((alertId) => ({ ...message, alertId })))
      .run();
  }

  /** Messages that named an alert, the latest first. */
  async listMessagesOf(alertId: string, limit: number): Promise<ToldMessage[]> {
    return this.#database.reader
      .select()
      .from(alertMessages)
      .where(eq(alertMessages.alertId, alertId))
      .orderBy(desc(alertMessages.at), desc(alertMessages.deliveryId))
      .limit(limit)
      .all();
  }

  /** What each route knows of an alert. */
  async listOf(alertId: string): Promise<Notice[]> {
    return this.#database.reader.select().from(alertNotices).where(eq(alertNotices.alertId, alertId)).all();
  }

  async forgetGroups(tx: Connection, toldBefore: number): Promise<void> {
    tx.delete(alertGroups).where(lt(alertGroups.toldAt, toldBefore)).run();
  }
}

function isDue(routeId: string, groups: SomeGroups, now: number) {
  const chosen =
    "among" in groups
      ? inArray(alertNotices.groupKey, [...groups.among])
      : notInArray(alertNotices.groupKey, [...groups.beside]);
  return and(eq(alertNotices.routeId, routeId), lte(alertNotices.dueAt, now), chosen);
}
