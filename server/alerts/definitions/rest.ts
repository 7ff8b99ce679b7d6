import type { TObject, TSchema } from "@sinclair/typebox";
import { guard, routes } from "../../http/guard.ts";
import { type AlertVerbs, previewRule, testChannel } from "../edge.ts";
import * as model from "../model.ts";
import { definitionView } from "../views.ts";
import { DEFINITION_BODIES, type DefinitionKind } from "./schemas.ts";

const CREATED = 201;
const PATHS = {
  rule: { path: "/api/v3/alert-rules", noun: "alert rule" },
  channel: { path: "/api/v3/notification-channels", noun: "notification channel" },
  route: { path: "/api/v3/notification-routes", noun: "notification route" },
  window: { path: "/api/v3/maintenance-windows", noun: "maintenance window" },
} as const;

/** Rules, channels, routes and maintenance windows: one shape of routes for all four. */
export const definitionRoutes = (verbs: AlertVerbs) =>
  crudRoutes(verbs, "rule")
    .use(crudRoutes(verbs, "channel"))
    .use(crudRoutes(verbs, "route"))
    .use(crudRoutes(verbs, "window"))
    .use(tryingRoutes(verbs));

function crudRoutes({ definitions }: AlertVerbs, kind: DefinitionKind) {
  const { path, noun } = PATHS[kind];
  const { one, list }: { one: TSchema; list: TSchema } = model.DEFINITION_VIEWS[kind];
  const body: TObject = DEFINITION_BODIES[kind];
  const tags = ["alerts"];
  return routes(`alert-${kind}s`)
    .get(
      path,
      () => ({ items: definitions.list(kind).map((defined) => definitionView(defined)), nextCursor: null }),
      guard("alerts:read", { summary: `Every ${noun}, oldest first`, response: list, tags }),
    )
    .post(
      path,
      async ({ body, query: { restores }, exchange, set }) => {
        const created = await definitions.create(kind, body, exchange, restores);
        set.status = CREATED;
        return definitionView(created);
      },
      guard("alerts:write", {
        summary: `Set up a ${noun}`,
        query: model.CreateQuery,
        body,
        response: { [CREATED]: one },
        tags,
      }),
    )
    .get(
      `${path}/:id`,
      ({ params: { id } }) => definitionView(definitions.get(kind, id)),
      guard("alerts:read", { summary: `One ${noun}`, params: model.ById, response: one, tags }),
    )
    .put(
      `${path}/:id`,
      async ({ params: { id }, body, exchange }) =>
        definitionView(await definitions.replace(kind, id, body, exchange)),
      guard("alerts:write", { summary: `Replace a ${noun}`, params: model.ById, body, response: one, tags }),
    )
    .delete(
      `${path}/:id`,
      ({ params: { id }, exchange }) => definitions.remove(kind, id, exchange),
      guard("alerts:write", { summary: `Remove a ${noun}`, params: model.ById, tags }),
    );
}

const tryingRoutes = (verbs: AlertVerbs) =>
  routes("alert-trying")
    .post(
      "/api/v3/alert-rules/preview",
      ({ body: { rule, ...range } }) => previewRule(verbs, rule, range),
      guard("alerts:read", {
        summary: "What a rule would have done in the past; the last week unless said",
        body: model.PreviewBody,
        response: model.PreviewView,
        tags: ["alerts"],
      }),
    )
    .post(
      "/api/v3/notification-channels/:id/test",
      ({ params: { id }, exchange }) => testChannel(verbs, id, exchange),
      guard("alerts:write", {
        summary: "Send a test by a channel",
        params: model.ById,
        response: model.TestView,
        tags: ["alerts"],
      }),
    );
