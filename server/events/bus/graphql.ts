import type { GraphBuilder } from "../../http/graphql-types.ts";
import type { BusStatus, Events } from "../events.ts";

type Ring = BusStatus["ring"];
type Subscriber = BusStatus["subscribers"][number];
type Durable = BusStatus["durable"][number];

/** How the bus fares, as a graph. */
export function addBus(builder: GraphBuilder, events: Events): void {
  const bus = builder.objectRef<BusStatus>("EventBus").implement({
    description: "How the event bus and its subscribers fare",
    fields: (t) => ({
      ring: t.expose("ring", { type: ringType(builder) }),
      subscribers: t.expose("subscribers", { type: [subscriberType(builder)] }),
      durable: t.expose("durable", { type: [durableType(builder)] }),
    }),
  });
  builder.queryField("eventBus", (t) =>
    t.field({ type: bus, access: "events:read", resolve: () => events.status() }),
  );
}

const ringType = (builder: GraphBuilder) =>
  builder.objectRef<Ring>("EventRing").implement({
    description: "The events that are kept",
    fields: (t) => ({
      oldestSeq: t.expose("oldestSeq", { type: "Long" }),
      newestSeq: t.expose("newestSeq", { type: "Long" }),
      events: t.exposeInt("events"),
      sizeBytes: t.expose("sizeBytes", { type: "Long" }),
    }),
  });

const subscriberType = (builder: GraphBuilder) =>
  builder.objectRef<Subscriber>("EventSubscriber").implement({
    description: "A subscriber within the process",
    fields: (t) => ({
      id: t.exposeString("id"),
      name: t.exposeString("name"),
      pattern: t.exposeString("pattern"),
      queued: t.exposeInt("queued"),
      delivered: t.expose("delivered", { type: "Long" }),
      dropped: t.expose("dropped", { type: "Long" }),
      failures: t.expose("failures", { type: "Long" }),
      timeouts: t.expose("timeouts", { type: "Long" }),
    }),
  });

function durableType(builder: GraphBuilder) {
  const lane = builder.objectRef<Durable["backlog"][number]>("EventBacklog").implement({
    description: "A source whose events wait because one of them fails",
    fields: (t) => ({
      source: t.exposeString("source"),
      attempts: t.exposeInt("attempts"),
      message: t.exposeString("message"),
    }),
  });
  return builder.objectRef<Durable>("DurableEventSubscriber").implement({
    description: "A subscriber that gets every event at least once",
    fields: (t) => ({
      name: t.exposeString("name"),
      pattern: t.exposeString("pattern"),
      cursor: t.expose("cursor", { type: "Long" }),
      lag: t.expose("lag", { type: "Long", description: "Events behind the newest" }),
      delivered: t.expose("delivered", { type: "Long" }),
      failures: t.expose("failures", { type: "Long" }),
      missed: t.expose("missed", { type: "Long" }),
      backlog: t.expose("backlog", { type: [lane] }),
    }),
  });
}
