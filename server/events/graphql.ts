import { type GraphBuilder, type GraphFeature, pageOf, WORK } from "../http/graphql-types.ts";
import { acceptedInput } from "../security/accepted-input.ts";
import { principalName } from "../security/principal.ts";
import { addBus } from "./bus/graphql.ts";
import type { Event } from "./event.ts";
import type { EventType } from "./event-types.ts";
import type { Events } from "./events.ts";
import * as model from "./model.ts";
import { DEFAULT_PAGE, type EventView, type ParkedView } from "./model.ts";
import { parsePatterns } from "./pattern.ts";
import { PUBLISHING } from "./publishing.ts";
import type { EventVerbs } from "./rest.ts";
import { eventView, parkedView } from "./views.ts";

/** Events as a graph: the verbs and limits of the REST routes, and what happens as a subscription. */
export const eventGraph =
  (verbs: EventVerbs): GraphFeature =>
  (builder) => {
    const { events } = verbs;
    const event = eventType(builder);
    addQueries(builder, event, events);
    addMutation(builder, event, verbs);
    addTypes(builder, verbs);
    addBus(builder, events);
    addParked(builder, event, verbs);
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
  const page = pageOf(builder, "Event", event);
  builder.queryFields((t) => ({
    events: t.field({
      type: page,
      access: "events:read",
      cost: WORK.search,
      description: "Recent events, newest first; after a number, oldest first",
      args: {
        types: t.arg.stringList({ description: PATTERNS }),
        source: t.arg.string(),
        correlationId: t.arg.string({ description: "Events of one request" }),
        since: t.arg({ type: "Long" }),
        limit: t.arg.int({ defaultValue: DEFAULT_PAGE }),
        cursor: t.arg.string(),
      },
      resolve: async (_root, { types, source, correlationId, since, limit, cursor }) => {
        const found = await events.list({
          types: types ?? [],
          source: source ?? undefined,
          correlationId: correlationId ?? undefined,
          since: since ?? undefined,
          limit: limit ?? DEFAULT_PAGE,
          cursor: cursor ?? undefined,
        });
        return { items: found.items.map(eventView), nextCursor: found.nextCursor };
      },
    }),
  }));
}

function addTypes(builder: GraphBuilder, { events, audit }: EventVerbs): void {
  const type = builder.objectRef<EventType>("EventType").implement({
    description: "A type of event and the schema of its payload",
    fields: (t) => ({
      name: t.exposeString("name"),
      description: t.exposeString("description"),
      schema: t.expose("schema", { type: "JSON" }),
      origin: t.exposeString("origin", { description: "binnacle or registered" }),
    }),
  });
  builder.queryFields((t) => ({
    eventTypes: t.field({
      type: [type],
      access: "events:read",
      description: "Every type of event that is known",
      resolve: () => events.types.list(),
    }),
    eventType: t.field({
      type,
      access: "events:read",
      args: { name: t.arg.string({ required: true }) },
      resolve: (_root, { name }) => events.types.get(name),
    }),
  }));
  builder.mutationFields((t) => ({
    registerEventType: t.field({
      type,
      access: "events:admin",
      description: "Registers a type of event with a JSON Schema, or replaces it",
      args: {
        name: t.arg.string({ required: true }),
        description: t.arg.string({ required: true }),
        schema: t.arg({ type: "JSON", required: true }),
      },
      resolve: (_root, { name, description, schema }, context) => {
        const body = acceptedInput(model.EventTypeBody, { description, schema });
        return events.types.register({ ...acceptedInput(model.ByTypeName, { name }), ...body }, (tx) =>
          audit.append(tx, context, { action: "event_type.register", target: name }),
        );
      },
    }),
    removeEventType: t.boolean({
      access: "events:admin",
      description: "Forgets a registered type of event",
      args: { name: t.arg.string({ required: true }) },
      resolve: async (_root, { name }, context) => {
        await events.types.remove(name, (tx) =>
          audit.append(tx, context, { action: "event_type.remove", target: name }),
        );
        return true;
      },
    }),
  }));
}

function addParked(builder: GraphBuilder, event: EventRef, { events, audit }: EventVerbs): void {
  const parked = builder.objectRef<ParkedView>("ParkedEvent").implement({
    description: "An event that a durable subscriber could not handle",
    fields: (t) => ({
      id: t.exposeString("id"),
      subscriber: t.exposeString("subscriber"),
      event: t.expose("event", { type: event }),
      attempts: t.exposeInt("attempts"),
      message: t.exposeString("message", { description: "The last failure" }),
      parkedAt: t.expose("parkedAt", { type: "DateTime" }),
    }),
  });
  const page = pageOf(builder, "ParkedEvent", parked);
  builder.queryField("parkedEvents", (t) =>
    t.field({
      type: page,
      access: "events:read",
      args: {
        subscriber: t.arg.string(),
        limit: t.arg.int({ defaultValue: DEFAULT_PAGE }),
        cursor: t.arg.string(),
      },
      resolve: async (_root, args) => {
        const { subscriber, ...query } = acceptedInput(model.ParkedQuery, args);
        const { items, nextCursor } = await events.listParked(query, subscriber);
        return { items: items.map(parkedView), nextCursor };
      },
    }),
  );
  builder.mutationFields((t) => ({
    retryParkedEvent: t.boolean({
      access: "events:write",
      description: "Gives a parked event to its subscriber once more",
      args: { id: t.arg.string({ required: true }) },
      resolve: async (_root, { id }, context) => {
        await events.retryParked(id, (tx) =>
          audit.append(tx, context, { action: "parked_event.retry", target: id }),
        );
        return true;
      },
    }),
    discardParkedEvent: t.boolean({
      access: "events:write",
      description: "Forgets a parked event",
      args: { id: t.arg.string({ required: true }) },
      resolve: async (_root, { id }, context) => {
        await events.discardParked(id, (tx) =>
          audit.append(tx, context, { action: "parked_event.discard", target: id }),
        );
        return true;
      },
    }),
  }));
}

function addMutation(builder: GraphBuilder, event: EventRef, { events, audit }: EventVerbs): void {
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
      resolve: async (_root, args, context) => {
        const { principal, correlationId } = context;
        const caller = "userName" in principal ? principal.userName : principalName(principal);
        const given = args.events.map(({ type, payload, source, correlationId: own }) => {
          return {
            type,
            payload: payload ?? null,
            source: source ?? undefined,
            correlationId: own ?? undefined,
          };
        });
        const published = await events.publishForeign(given, caller, correlationId);
        audit.recordUse(context, PUBLISHING);
        return published.map(eventView);
      },
    }),
  );
}
