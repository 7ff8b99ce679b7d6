import { Value } from "@sinclair/typebox/value";
import type { Connection } from "../../database/database.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Delivery, DeliveryOutcome, InnerDeliverer } from "../../outbox/delivery.ts";
import type { Alert } from "../alert.ts";
import type { Definitions } from "../definitions/definitions.ts";
import type { Route } from "../definitions/schemas.ts";
import type { AlertStore } from "../store.ts";
import { groupKeyOf, matches } from "./matching.ts";
import { isNews } from "./news.ts";
import type { NoticeStore } from "./notice-store.ts";
import { TRANSITION_KIND, TransitionPayload } from "./transition-delivery.ts";

interface RoutingParts {
  clock: Clock;
  store: AlertStore;
  notices: NoticeStore;
  definitions: Pick<Definitions, "list">;
}

const MS_PER_SECOND = 1_000;

/**
 * Takes each transition to the routes that are to know of it: the notice of an alert and a route says when the route is
 * looked at next. It is written by how the alert stands now, so that a transition delivered twice, or late, changes
 * nothing that is right already.
 */
export class Routing implements InnerDeliverer {
  readonly kind = TRANSITION_KIND;
  /** A failure here is one of the database, which a later attempt finds mended: nothing is ever given up for it. */
  readonly options = { maxAttempts: 1_000, switchOffAfter: 1_000_000 };
  readonly #parts: RoutingParts;

  constructor(parts: RoutingParts) {
    this.#parts = parts;
  }

  /** Its lanes say nothing to people: what is delivered goes to all routes. */
  nameOf(): string {
    return "routes of alerts";
  }

  async deliverIn(tx: Connection, { payload }: Delivery): Promise<DeliveryOutcome> {
    if (!Value.Check(TransitionPayload, payload)) {
      return { outcome: "rejected", reason: "The entry is not a transition of an alert." };
    }
    const { store, notices, definitions } = this.#parts;
    const alert = await store.find(payload.alertId, tx);
    if (!alert) return { outcome: "delivered" };
    const fitting = definitions
      .list("route")
      .filter(({ enabled, match }) => enabled && matches(match, alert));
    const isRouted = fitting.some(({ onlyUnrouted }) => !onlyUnrouted);
    for (const route of fitting) {
      // Whom a route for the rest has told of it hears of its end too, though another route takes it by now.
      const isForOthers = route.onlyUnrouted && isRouted;
      if (!isForOthers || (await notices.find(tx, alert.id, route.id))) await this.#plan(tx, route, alert);
    }
    return { outcome: "delivered" };
  }

  async #plan(tx: Connection, route: Route, alert: Alert): Promise<void> {
    const { notices } = this.#parts;
    const known = await notices.find(tx, alert.id, route.id);
    if (!known && alert.state !== "firing") return;
    const groupKey = groupKeyOf(route.groupBy, alert);
    const hasNews = isNews(alert, known?.told ?? null, route.tellResolved);
    const group = { routeId: route.id, groupKey };
    const dueAt = hasNews ? (known?.dueAt ?? (await this.#groupDue(tx, route, group))) : null;
    await notices.put(tx, {
      ...{ alertId: alert.id, ...group, dueAt },
      heldBy: hasNews ? (known?.heldBy ?? null) : null,
      told: known?.told ?? null,
      step: known?.step ?? 0,
      // Whoever looks after it ends the escalation.
      escalateAt: alert.state === "firing" ? (known?.escalateAt ?? null) : null,
    });
  }

  /** With the others of its group; the first of a group waits for others, and after a message the interval passes. */
  async #groupDue(
    tx: Connection,
    { groupWaitSeconds, groupIntervalSeconds }: Route,
    group: { routeId: string; groupKey: string },
  ): Promise<number> {
    const { notices, clock } = this.#parts;
    const due = await notices.earliestDue(tx, group);
    if (due !== undefined) return due;
    const first = clock.now() + groupWaitSeconds * MS_PER_SECOND;
    const toldAt = await notices.toldAt(tx, group);
    return toldAt === undefined ? first : Math.max(first, toldAt + groupIntervalSeconds * MS_PER_SECOND);
  }
}
