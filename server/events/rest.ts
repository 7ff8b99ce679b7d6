import { guard, routes } from "../http/guard.ts";
import type { Audit } from "../security/audit.ts";
import { principalName } from "../security/principal.ts";
import type { Events } from "./events.ts";
import * as model from "./model.ts";
import { PUBLISHING } from "./publishing.ts";
import { eventView, parkedView } from "./views.ts";

/** What the edges of the bus call. */
export interface EventVerbs {
  events: Events;
  audit: Audit;
}

const CREATED = 201;

/** Events that happened, events of applications, types, and what subscribers could not handle. */
export const eventRoutes = (verbs: EventVerbs) =>
  readingRoutes(verbs).use(typeRoutes(verbs)).use(parkedRoutes(verbs));

const readingRoutes = ({ events, audit }: EventVerbs) =>
  routes("events")
    .get(
      "/api/v3/events",
      async ({ query }) => {
        const { items, nextCursor } = await events.list({ ...query, types: patternsOf(query.types) });
        return { items: items.map(eventView), nextCursor };
      },
      guard("events:read", {
        summary: "Recent events, newest first; after a number, oldest first",
        query: model.EventsQuery,
        response: model.EventPage,
      }),
    )
    .post(
      "/api/v3/events",
      async ({ body, exchange, set }) => {
        const { principal, correlationId } = exchange;
        const caller = "userName" in principal ? principal.userName : principalName(principal);
        const published = await events.publishForeign(body.events, caller, correlationId);
        audit.recordUse(exchange, PUBLISHING);
        set.status = CREATED;
        return { items: published.map(eventView) };
      },
      guard("events:write", {
        summary: "Publish up to 100 events of an application, all or none",
        body: model.PublishBody,
        response: { [CREATED]: model.PublishedEvents },
      }),
    )
    .get(
      "/api/v3/event-bus",
      () => events.status(),
      guard("events:read", {
        summary: "How the event bus and its subscribers fare",
        response: model.BusView,
      }),
    );

const typeRoutes = ({ events, audit }: EventVerbs) =>
  routes("event-types")
    .get(
      "/api/v3/event-types",
      () => ({ items: events.types.list(), nextCursor: null }),
      guard("events:read", { summary: "Every type of event that is known", response: model.EventTypeList }),
    )
    .get(
      "/api/v3/event-types/:name",
      ({ params }) => events.types.get(params.name),
      guard("events:read", {
        summary: "One type of event",
        params: model.ByTypeName,
        response: model.EventTypeView,
      }),
    )
    .put(
      "/api/v3/event-types/:name",
      ({ params: { name }, body, exchange }) =>
        events.types.register({ name, ...body }, (tx) =>
          audit.append(tx, exchange, { action: "event_type.register", target: name }),
        ),
      guard("events:admin", {
        summary: "Register a type of event with a JSON Schema, or replace it",
        params: model.ByTypeName,
        body: model.EventTypeBody,
        response: model.EventTypeView,
      }),
    )
    .delete(
      "/api/v3/event-types/:name",
      ({ params: { name }, exchange }) =>
        events.types.remove(name, (tx) =>
          audit.append(tx, exchange, { action: "event_type.remove", target: name }),
        ),
      guard("events:admin", { summary: "Forget a registered type of event", params: model.ByTypeName }),
    );

const parkedRoutes = ({ events, audit }: EventVerbs) =>
  routes("parked-events")
    .get(
      "/api/v3/parked-events",
      async ({ query: { subscriber, ...query } }) => {
        const { items, nextCursor } = await events.listParked(query, subscriber);
        return { items: items.map(parkedView), nextCursor };
      },
      guard("events:read", {
        summary: "Events that a durable subscriber could not handle",
        query: model.ParkedQuery,
        response: model.ParkedPage,
      }),
    )
    .post(
      "/api/v3/parked-events/:id/attempts",
      ({ params: { id }, exchange }) =>
        events.retryParked(id, (tx) =>
          audit.append(tx, exchange, { action: "parked_event.retry", target: id }),
        ),
      guard("events:write", {
        summary: "Give a parked event to its subscriber once more",
        params: model.ById,
      }),
    )
    .delete(
      "/api/v3/parked-events/:id",
      ({ params: { id }, exchange }) =>
        events.discardParked(id, (tx) =>
          audit.append(tx, exchange, { action: "parked_event.discard", target: id }),
        ),
      guard("events:write", { summary: "Forget a parked event", params: model.ById }),
    );

/** The query parser splits at commas already when the parameter is repeated; a list in one text is split here. */
const patternsOf = (texts: readonly string[] | undefined): string[] =>
  (texts ?? [])
    .flatMap((text) => text.split(","))
    .map((text) => text.trim())
    .filter(Boolean);
