import { guard, routes } from "../http/guard.ts";
import type { Audit } from "../security/audit.ts";
import * as model from "./model.ts";
import type { Outbox } from "./outbox.ts";
import { pageOfDeliveries } from "./views.ts";

/** What the edge of the outbox calls. */
export interface OutboxVerbs {
  outbox: Outbox;
  audit: Audit;
}

/** What is delivered outside: what waits, dead letters, and targets that are paused or off. */
export const outboxRoutes = (verbs: OutboxVerbs) => deliveryRoutes(verbs).use(targetRoutes(verbs));

const deliveryRoutes = ({ outbox, audit }: OutboxVerbs) =>
  routes("outbox")
    .get(
      "/api/v3/outbox",
      ({ query: { limit, cursor, ...filter } }) => pageOfDeliveries(outbox, { limit, cursor }, filter),
      guard("events:read", {
        summary: "Deliveries, newest first",
        query: model.DeliveriesQuery,
        response: model.DeliveryPage,
      }),
    )
    .post(
      "/api/v3/outbox/:id/attempts",
      ({ params: { id }, exchange }) =>
        outbox.retry(id, (tx) => audit.append(tx, exchange, { action: "delivery.retry", target: id })),
      guard("events:write", { summary: "Try a dead letter anew", params: model.ById }),
    )
    .delete(
      "/api/v3/outbox/:id",
      ({ params: { id }, exchange }) =>
        outbox.discard(id, (tx) => audit.append(tx, exchange, { action: "delivery.discard", target: id })),
      guard("events:write", { summary: "Forget a dead letter", params: model.ById }),
    );

const targetRoutes = ({ outbox, audit }: OutboxVerbs) =>
  routes("outbox-targets")
    .get(
      "/api/v3/outbox-targets",
      () => ({ items: outbox.listTargets(), nextCursor: null }),
      guard("events:read", {
        summary: "Targets that have deliveries waiting, fail, are paused or switched off",
        response: model.TargetList,
      }),
    )
    .put(
      "/api/v3/outbox-targets/pause",
      ({ body: { kind, target }, exchange }) =>
        outbox.pause(kind, target, (tx) =>
          audit.append(tx, exchange, { action: "outbox_target.pause", target: `${kind} ${target}` }),
        ),
      guard("events:write", { summary: "Deliver nothing to a target for now", body: model.Target }),
    )
    .delete(
      "/api/v3/outbox-targets/pause",
      ({ query: { kind, target }, exchange }) =>
        outbox.resume(kind, target, (tx) =>
          audit.append(tx, exchange, { action: "outbox_target.resume", target: `${kind} ${target}` }),
        ),
      guard("events:write", { summary: "Let deliveries to a target go on", query: model.Target }),
    );
