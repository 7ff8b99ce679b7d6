import { type GraphBuilder, type GraphFeature, pageOf } from "../http/graphql-types.ts";
import { principalName } from "../security/principal.ts";
import type { Event } from "./event.ts";
import type { EventType } from "./event-types.ts";
import type { Events } from "./events.ts";
import { DEFAULT_PAGE, type EventView } from "./model.ts";
import { parsePatterns } from "./pattern.ts";
import { eventView } from "./views.ts";

/** Events as a graph: the verbs and limits of the REST routes, and what happens as a subscription. */
export const eventGraph =
  ({ events }: { events: Events }): GraphFeature =>
  (builder) => {
    const event = eventType(builder);
    addQueries(builder, event, events);
    addMutation(builder, event, events);
    builder.subscriptionField("events", (t) =>
      t.field({
        type: event,
        access: "events:read",
        description: "Events as they happen; with since, first those after that number",
        args: { types: t.arg.stringList({ description: PATTERNS }), since: t.arg({ type: "Long" }) },
        subscribe: (_root, { types, since }) =>
          events.follow({ patterns: parsePatterns(types ?? []), since: since ?? undefined }),
        resolve: (happened: Event) => eventView(happened),
      }),
    );
  };

const PATTERNS = "Any of these patterns: alert.raised, alert.*, alert.**";
type EventRef = ReturnType<typeof eventType>;

const eventType = (builder: GraphBuilder) =>
  builder.objectRef<EventView>("Event").implement({
    description: "Something that happened",
    fields: (t) => ({
      seq: t.expose("seq", { type: "Long", description: "Give it as since to go on after it" }),
      id: t.exposeString("id"),
      type: t.exposeString("type"),
      time: t.expose("time", { type: "DateTime" }),
      source: t.exposeString("source"),
      correlationId: t.exposeString("correlationId"),
      payload: t.expose("payload", { type: "JSON", nullable: true }),
    }),
  });

function addQueries(builder: GraphBuilder, event: EventRef, events: Events): void {
  const type = builder.objectRef<EventType>("EventType").implement({
    description: "A type of event and the schema of its payload",
    fields: (t) => ({
      name: t.exposeString("name"),
      description: t.exposeString("description"),
      schema: t.expose("schema", { type: "JSON" }),
      origin: t.exposeString("origin", { description: "binnacle or registered" }),
    }),
  });
  const page = pageOf(builder, "Event", event);
  builder.queryFields((t) => ({
    events: t.field({
      type: page,
      access: "events:read",
      description: "Recent events, newest first; after a number, oldest first",
      args: {
        types: t.arg.stringList({ description: PATTERNS }),
        source: t.arg.string(),
        since: t.arg({ type: "Long" }),
        limit: t.arg.int({ defaultValue: DEFAULT_PAGE }),
        cursor: t.arg.string(),
      },
      resolve: async (_root, { types, source, since, limit, cursor }) => {
        const found = await events.list({
          types: types ?? [],
          source: source ?? undefined,
          since: since ?? undefined,
          limit: limit ?? DEFAULT_PAGE,
          cursor: cursor ?? undefined,
        });
        return { items: found.items.map(eventView), nextCursor: found.nextCursor };
      },
    }),
    eventTypes: t.field({
      type: [type],
      access: "events:read",
      description: "Every type of event that is known",
      resolve: () => events.types.list(),
    }),
  }));
}

function addMutation(builder: GraphBuilder, event: EventRef, events: Events): void {
  const input = builder.inputType("EventInput", {
    description: "An event that an application publishes",
    fields: (t) => ({
      type: t.string({ required: true }),
      payload: t.field({ type: "JSON" }),
      source: t.string({ description: "Who speaks; app/ is put before it. The caller's name when absent" }),
      correlationId: t.string(),
    }),
  });
  builder.mutationField("publishEvents", (t) =>
    t.field({
      type: [event],
      access: "events:write",
      description: "Publishes up to 100 events, all or none",
      args: { events: t.arg({ type: [input], required: true }) },
      resolve: async (_root, args, { principal, correlationId }) => {
        const caller = "userName" in principal ? principal.userName : principalName(principal);
        const given = args.events.map(({ type, payload, source, correlationId: own }) => {
          return {
            type,
            payload: payload ?? null,
            source: source ?? undefined,
            correlationId: own ?? undefined,
          };
        });
        return (await events.publishForeign(given, caller, correlationId)).map(eventView);
      },
    }),
  );
}
