import type { Static } from "@sinclair/typebox";
import { type GraphBuilder, type GraphFeature, pageOf } from "../http/graphql-types.ts";
import { acceptedInput } from "../security/accepted-input.ts";
import * as model from "./model.ts";
import type { TargetStatus } from "./outbox.ts";
import type { OutboxVerbs } from "./rest.ts";
import { pageOfDeliveries } from "./views.ts";

/** What is delivered outside, as a graph: the verbs and limits of the REST routes. */
export const outboxGraph =
  (verbs: OutboxVerbs): GraphFeature =>
  (builder) => {
    addDeliveries(builder, verbs);
    addTargets(builder, verbs);
  };

function addDeliveries(builder: GraphBuilder, { outbox, audit }: OutboxVerbs): void {
  const delivery = builder.objectRef<Static<typeof model.DeliveryView>>("Delivery").implement({
    description: "Something that is delivered outside, without its content",
    fields: (t) => ({
      id: t.exposeString("id", { description: "The idempotency key, the same at every attempt" }),
      kind: t.exposeString("kind"),
      target: t.exposeString("target"),
      targetName: t.exposeString("targetName", { nullable: true, description: "What people call it" }),
      state: t.exposeString("state", { description: "waiting, leased, delivered or dead" }),
      attempts: t.exposeInt("attempts"),
      createdAt: t.expose("createdAt", { type: "DateTime" }),
      notBefore: t.expose("notBefore", { type: "DateTime" }),
      settledAt: t.expose("settledAt", { type: "DateTime", nullable: true }),
      lastError: t.exposeString("lastError", { nullable: true }),
    }),
  });
  const page = pageOf(builder, "Delivery", delivery);
  builder.queryField("deliveries", (t) =>
    t.field({
      type: page,
      access: "events:read",
      description: "Deliveries, newest first",
      args: {
        state: t.arg.string(),
        kind: t.arg.string(),
        target: t.arg.string(),
        limit: t.arg.int({ defaultValue: model.DEFAULT_PAGE }),
        cursor: t.arg.string(),
      },
      resolve: (_root, args) => {
        const { limit, cursor, ...filter } = acceptedInput(model.DeliveriesQuery, args);
        return pageOfDeliveries(outbox, { limit, cursor }, filter);
      },
    }),
  );
  builder.mutationFields((t) => ({
    retryDelivery: t.boolean({
      access: "events:write",
      description: "Tries a dead letter anew",
      args: { id: t.arg.string({ required: true }) },
      resolve: async (_root, { id }, context) => {
        await outbox.retry(id, (tx) => audit.append(tx, context, { action: "delivery.retry", target: id }));
        return true;
      },
    }),
    discardDelivery: t.boolean({
      access: "events:write",
      description: "Forgets a dead letter",
      args: { id: t.arg.string({ required: true }) },
      resolve: async (_root, { id }, context) => {
        await outbox.discard(id, (tx) =>
          audit.append(tx, context, { action: "delivery.discard", target: id }),
        );
        return true;
      },
    }),
  }));
}

function addTargets(builder: GraphBuilder, { outbox, audit }: OutboxVerbs): void {
  const target = builder.objectRef<TargetStatus>("DeliveryTarget").implement({
    description: "Where deliveries go that wait or fail, or that are paused or switched off",
    fields: (t) => ({
      kind: t.exposeString("kind"),
      target: t.exposeString("target"),
      targetName: t.exposeString("targetName", { nullable: true, description: "What people call it" }),
      state: t.exposeString("state", { description: "active, paused or off" }),
      waiting: t.exposeInt("waiting"),
      failures: t.exposeInt("failures", { description: "Attempts that failed in a row" }),
    }),
  });
  builder.queryField("deliveryTargets", (t) =>
    t.field({ type: [target], access: "events:read", resolve: () => outbox.listTargets() }),
  );
  builder.mutationFields((t) => ({
    pauseDeliveries: t.boolean({
      access: "events:write",
      description: "Delivers nothing to a target for now",
      args: { kind: t.arg.string({ required: true }), target: t.arg.string({ required: true }) },
      resolve: async (_root, args, context) => {
        const { kind, target } = acceptedInput(model.Target, args);
        await outbox.pause(kind, target, (tx) =>
          audit.append(tx, context, { action: "outbox_target.pause", target: `${kind} ${target}` }),
        );
        return true;
      },
    }),
    resumeDeliveries: t.boolean({
      access: "events:write",
      description: "Lets deliveries to a target go on",
      args: { kind: t.arg.string({ required: true }), target: t.arg.string({ required: true }) },
      resolve: async (_root, args, context) => {
        const { kind, target } = acceptedInput(model.Target, args);
        await outbox.resume(kind, target, (tx) =>
          audit.append(tx, context, { action: "outbox_target.resume", target: `${kind} ${target}` }),
        );
        return true;
      },
    }),
  }));
}
