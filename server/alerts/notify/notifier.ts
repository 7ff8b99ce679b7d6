import type { Connection, Database } from "../../database/database.ts";
import { AppError } from "../../errors/app-error.ts";
import type { FailureReport } from "../../errors/failure.ts";
import type { Clock } from "../../lib/clock.ts";
import { ClockWatch } from "../../outbox/clock-watch.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Alert } from "../alert.ts";
import type { Definitions } from "../definitions/definitions.ts";
import type { Channel, Route } from "../definitions/schemas.ts";
import type { AlertStore } from "../store.ts";
import { NOTIFICATION_KIND } from "./channel-delivery.ts";
import { type Message, type MessageParts, messageOf } from "./message.ts";
import { isNews, toldAs } from "./news.ts";
import type { Group, Notice, NoticeStore } from "./notice-store.ts";
import type { Silence } from "./silence.ts";
import { templateProblem } from "./template.ts";

interface NotifierParts {
  database: Database;
  clock: Clock;
  store: AlertStore;
  notices: NoticeStore;
  definitions: Pick<Definitions, "list" | "find">;
  outbox: Pick<Outbox, "enqueue">;
  silence: Silence;
  /** Address of the dashboard as it is now; empty when it is not known. */
  dashboardUrl: () => string;
  report: FailureReport;
}

const GROUPS_AT_ONCE = 50;
/** Alerts in one message; more of a group follow in the next. */
const ALERTS_A_MESSAGE = 500;
const STEPS_AT_ONCE = 50;
const MINUTE_MS = 60_000;
const GROUPS_KEPT_MS = 2 * 86_400_000;

/**
 * Turns what is due into messages. That an alert was told of and the message in the outbox are one unit of work: a
 * crash leaves both or neither.
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
    for (const group of await notices.listDueGroups(clock.now(), GROUPS_AT_ONCE)) {
      await database.write((tx) => this.#tellGroup(tx, group));
    }
    for (const { alertId, routeId } of await notices.listEscalating(clock.now(), STEPS_AT_ONCE)) {
      await database.write((tx) => this.#escalate(tx, alertId, routeId));
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

  async #tellGroup(tx: Connection, group: Group): Promise<void> {
    const { notices, definitions, store, clock } = this.#parts;
    const now = clock.now();
    const due = await notices.listDue(tx, group, now, ALERTS_A_MESSAGE);
    const route = definitions.find("route", group.routeId);
    const alerts = new Map(
      (
        await store.findMany(
          due.map(({ alertId }) => alertId),
          tx,
        )
      ).map((alert) => [alert.id, alert]),
    );
    const told: Alert[] = [];
    for (const notice of due) {
      const alert = alerts.get(notice.alertId);
      if (!route?.enabled || !alert) await notices.remove(tx, notice);
      else if (await this.#settle(tx, route, notice, alert, now)) told.push(alert);
    }
    if (!route || told.length === 0) return;
    await this.#send(tx, { reason: "change", route, groupKey: group.groupKey, alerts: told }, route.channels);
    await notices.putToldAt(tx, group, now);
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

  async #escalate(tx: Connection, alertId: string, routeId: string): Promise<void> {
    const { notices, store, definitions, silence, clock } = this.#parts;
    const now = clock.now();
    const notice = await notices.find(tx, alertId, routeId);
    const alert = await store.find(alertId, tx);
    const route = definitions.find("route", routeId);
    if (!notice || (notice.escalateAt ?? Number.POSITIVE_INFINITY) > now) return;
    const step = route?.escalation[notice.step];
    if (!alert || !route?.enabled || !step || alert.state !== "firing") {
      return notices.put(tx, { ...notice, escalateAt: null });
    }
    const hold = await silence.holds(tx, alert, route, now);
    if (hold) return notices.put(tx, { ...notice, escalateAt: hold.until });
    const { groupKey } = notice;
    await this.#send(tx, { reason: "escalation", route, groupKey, alerts: [alert] }, step.channels);
    const following = route.escalation[notice.step + 1];
    const escalateAt = following ? now + following.afterMinutes * MINUTE_MS : null;
    return notices.put(tx, { ...notice, step: notice.step + 1, escalateAt });
  }

  async #send(
    tx: Connection,
    told: Pick<MessageParts, "route" | "groupKey" | "alerts"> & {
      reason: Exclude<Message["reason"], "test">;
    },
    channelIds: readonly string[],
  ): Promise<void> {
    const { definitions, notices, outbox, clock, dashboardUrl } = this.#parts;
    const { reason, route, alerts } = told;
    const now = clock.now();
    for (const id of channelIds) {
      const channel = definitions.find("channel", id);
      if (!channel?.enabled) continue;
      const words = { channel: this.#soundTemplates(channel), dashboardUrl: dashboardUrl(), now };
      const payload = messageOf({ ...told, ...words });
      const deliveryId = await outbox.enqueue(tx, { kind: NOTIFICATION_KIND, target: id, payload });
      const message = { deliveryId, reason, routeId: route.id, channelId: id, at: now };
      await notices.addMessage(
        tx,
        message,
        alerts.map((alert) => alert.id),
      );
    }
  }

  /** Templates are checked when they are saved; one that another version wrote is reported, and the usual words are used. */
  #soundTemplates({ name, titleTemplate, lineTemplate }: Channel): MessageParts["channel"] {
    const given = Object.entries({ titleTemplate, lineTemplate });
    const sound = given.filter(([field, template]) => {
      const problem = template === undefined ? undefined : templateProblem(template);
      if (problem === undefined) return true;
      const error = new AppError("validation_failed", `${field} of the channel ${name}: ${problem}.`);
      this.#parts.report(error, { where: "a notification" });
      return false;
    });
    return Object.fromEntries(sound);
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
