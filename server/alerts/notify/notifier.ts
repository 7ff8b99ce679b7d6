import type { Connection, Database } from "../../database/database.ts";
import type { FailureReport } from "../../errors/failure.ts";
import type { Clock } from "../../lib/clock.ts";
import { ClockWatch } from "../../outbox/clock-watch.ts";
import type { Alert } from "../alert.ts";
import type { Definitions } from "../definitions/definitions.ts";
import type { Route } from "../definitions/schemas.ts";
import type { AlertStore } from "../store.ts";
import type { Messenger, News } from "./messenger.ts";
import { isNews, toldAs } from "./news.ts";
import { type Notice, type NoticeStore, REST_OF_GROUPS, type SomeGroups } from "./notice-store.ts";
import type { Silence } from "./silence.ts";

interface NotifierParts {
  database: Database;
  clock: Clock;
  store: AlertStore;
  notices: NoticeStore;
  definitions: Pick<Definitions, "find">;
  messenger: Pick<Messenger, "send">;
  silence: Silence;
  report: FailureReport;
}

/** So many groups of a route are told of by themselves within the window; others that come then share messages. */
const MAX_GROUPS_ALONE = 20;
const GROUP_WINDOW_MS = 5 * 60_000;
/** What other groups share comes no more often than this, nor than the route's own interval. */
const REST_INTERVAL_MS = 60_000;
/** Messages of one turn to one route: of a storm, the rest follows in the next. */
const MESSAGES_AT_ONCE = 50;
/** Alerts in one message; more of a group follow in the next. */
const ALERTS_A_MESSAGE = 500;
const MINUTE_MS = 60_000;
const MS_PER_SECOND = 1_000;
const GROUPS_KEPT_MS = 2 * 86_400_000;

type Told = News["told"];

/**
 * Turns what is due into messages. That an alert was told of and the message in the outbox are one unit of work: a
 * crash leaves both or neither. Whoever can raise alerts chooses the labels that groups are made by, so the groups that get
 * a message of their own are bounded.
 */
export class Notifier {
  readonly #parts: NotifierParts;
  readonly #watch: ClockWatch;

  constructor(parts: NotifierParts) {
    this.#parts = parts;
    this.#watch = new ClockWatch(parts.clock);
  }

  /** Tells what is due now, and takes the steps of escalation that are due. */
  async tick(): Promise<void> {
    await this.#followClock();
    const { database, notices, clock } = this.#parts;
    for (const routeId of await notices.listDueRoutes(clock.now())) {
      await this.#orReport(() => this.#tellRoute(routeId));
    }
    for (const step of await notices.listDueSteps(clock.now())) {
      await this.#orReport(() => database.write((tx) => this.#escalate(tx, step)));
    }
  }

  /** The people of one route do not go without for the failure of another's, which is tried again at the next tick. */
  async #orReport(tell: () => Promise<void>): Promise<void> {
    try {
      await tell();
    } catch (thrown) {
      this.#parts.report(thrown, { where: "a notification" });
    }
  }

  /** Looks now at what is held back: windows or routes changed. */
  async lookAgain(): Promise<void> {
    const { database, notices, clock } = this.#parts;
    await database.write((tx) => notices.lookAgain(tx, clock.now()));
  }

  /** Forgets when groups were told of that have long been silent. */
  async prune(): Promise<void> {
    const { database, notices, clock } = this.#parts;
    await database.write((tx) => notices.forgetGroups(tx, clock.now() - GROUPS_KEPT_MS));
  }

  async #tellRoute(routeId: string): Promise<void> {
    const { database, notices, definitions, clock } = this.#parts;
    const now = clock.now();
    const route = definitions.find("route", routeId);
    if (!route?.enabled) return database.write((tx) => notices.removeDue(tx, routeId, now));
    const alone = new Set(await notices.listGroupsTold(routeId, now - GROUP_WINDOW_MS));
    const known = await notices.listDueGroups(routeId, { among: [...alone] }, now, MESSAGES_AT_ONCE);
    for (const groupKey of known) await database.write((tx) => this.#tellGroup(tx, route, groupKey));
    let looked = known.length;
    while (alone.size < MAX_GROUPS_ALONE) {
      const room = Math.min(MAX_GROUPS_ALONE - alone.size, MESSAGES_AT_ONCE - looked);
      const fresh = room > 0 ? await notices.listDueGroups(routeId, { beside: [...alone] }, now, room) : [];
      if (fresh.length === 0) return;
      for (const groupKey of fresh) {
        if (await database.write((tx) => this.#tellGroup(tx, route, groupKey))) alone.add(groupKey);
      }
      looked += fresh.length;
    }
    await this.#tellRest(route, { beside: [...alone] });
  }

  /** @returns whether anybody was told. */
  async #tellGroup(tx: Connection, route: Route, groupKey: string): Promise<boolean> {
    const { notices, clock } = this.#parts;
    const now = clock.now();
    const due = await notices.listDue(tx, route.id, { among: [groupKey] }, now, ALERTS_A_MESSAGE);
    const isTold = await this.#tell(tx, route, due);
    if (isTold) await notices.putToldAt(tx, { routeId: route.id, groupKey }, now);
    return isTold;
  }

  /** All other groups together, so that no number of groups makes more messages than their alerts fill. */
  async #tellRest(route: Route, groups: SomeGroups): Promise<void> {
    const { database, notices, clock } = this.#parts;
    const now = clock.now();
    const { id: routeId, groupIntervalSeconds } = route;
    const rest = { routeId, groupKey: REST_OF_GROUPS };
    const intervalMs = Math.max(REST_INTERVAL_MS, groupIntervalSeconds * MS_PER_SECOND);
    for (let messages = 1; messages <= MESSAGES_AT_ONCE; messages++) {
      const isDone = await database.write(async (tx) => {
        const toldAt = messages === 1 ? await notices.toldAt(tx, rest) : undefined;
        if (toldAt !== undefined && now < toldAt + intervalMs) {
          await notices.putOff(tx, routeId, groups, now, toldAt + intervalMs);
          return true;
        }
        const due = await notices.listDue(tx, routeId, groups, now, ALERTS_A_MESSAGE);
        if (await this.#tell(tx, route, due)) await notices.putToldAt(tx, rest, now);
        return due.length < ALERTS_A_MESSAGE;
      });
      if (isDone) return;
    }
  }

  async #tell(tx: Connection, route: Route, due: readonly Notice[]): Promise<boolean> {
    const { notices, messenger, clock } = this.#parts;
    const alerts = await this.#alertsOf(tx, due);
    const told: Told[number][] = [];
    for (const notice of due) {
      const alert = alerts.get(notice.alertId);
      if (!alert) await notices.remove(tx, notice);
      else if (await this.#settle(tx, route, notice, alert, clock.now())) {
        told.push({ alert, groupKey: notice.groupKey });
      }
    }
    if (told.length === 0) return false;
    await messenger.send(tx, { reason: "change", route, told }, route.channels);
    return true;
  }

  /** Writes what becomes of a notice that is due; true when its people are to be told. */
  async #settle(tx: Connection, route: Route, notice: Notice, alert: Alert, now: number): Promise<boolean> {
    const { notices, silence } = this.#parts;
    if (!isNews(alert, notice.told, route.tellResolved)) {
      if (alert.state === "resolved") await notices.remove(tx, notice);
      else await notices.put(tx, { ...notice, dueAt: null, heldBy: null });
      return false;
    }
    const hold = await silence.holds(tx, alert, route, now);
    if (hold) {
      await notices.put(tx, { ...notice, dueAt: hold.until, heldBy: hold.by });
      return false;
    }
    if (alert.state === "resolved") {
      await notices.remove(tx, notice);
      return true;
    }
    const [first] = route.escalation;
    const next = { step: 0, escalateAt: first ? now + first.afterMinutes * MINUTE_MS : null };
    await notices.put(tx, { ...notice, dueAt: null, heldBy: null, told: toldAs(alert), ...next });
    return true;
  }

  /** A step of escalation of a route, for all alerts for which it is due: one message. */
  async #escalate(tx: Connection, due: Pick<Notice, "routeId" | "step">): Promise<void> {
    const { notices, definitions, messenger, clock } = this.#parts;
    const now = clock.now();
    const escalating = await notices.listEscalating(tx, due, now, ALERTS_A_MESSAGE);
    const alerts = await this.#alertsOf(tx, escalating);
    const route = definitions.find("route", due.routeId);
    const step = route?.escalation[due.step];
    const told: Told[number][] = [];
    for (const notice of escalating) {
      const alert = alerts.get(notice.alertId);
      if (!alert || !route?.enabled || !step || alert.state !== "firing") {
        await notices.put(tx, { ...notice, escalateAt: null });
      } else if (await this.#takeStep(tx, route, notice, alert, now)) {
        told.push({ alert, groupKey: notice.groupKey });
      }
    }
    if (!route || !step || told.length === 0) return;
    await messenger.send(tx, { reason: "escalation", route, told }, step.channels);
  }

  /** Writes when the step after this one is due; true when the people of this one are to be told. */
  async #takeStep(tx: Connection, route: Route, notice: Notice, alert: Alert, now: number): Promise<boolean> {
    const { notices, silence } = this.#parts;
    const hold = await silence.holds(tx, alert, route, now);
    if (hold) {
      await notices.put(tx, { ...notice, escalateAt: hold.until });
      return false;
    }
    const following = route.escalation[notice.step + 1];
    const escalateAt = following ? now + following.afterMinutes * MINUTE_MS : null;
    await notices.put(tx, { ...notice, step: notice.step + 1, escalateAt });
    return true;
  }

  async #alertsOf(tx: Connection, due: readonly Notice[]): Promise<ReadonlyMap<string, Alert>> {
    const ids = due.map(({ alertId }) => alertId);
    return new Map((await this.#parts.store.findMany(ids, tx)).map((alert) => [alert.id, alert]));
  }

  async #followClock(): Promise<void> {
    const jumpMs = this.#watch.takeJumpMs();
    if (jumpMs === 0) return;
    const { database, notices, clock } = this.#parts;
    try {
      await database.write((tx) => notices.followClock(tx, clock.now(), jumpMs));
    } catch (error) {
      this.#watch.giveBack(jumpMs);
      throw error;
    }
  }
}
