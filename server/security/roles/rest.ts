import { guard, routes } from "../../http/guard.ts";
import * as model from "../model.ts";
import { roleView } from "../views.ts";
import type { Roles } from "./roles.ts";

const CREATED = 201;

/** Roles: everybody who is signed in may read them; they are made by those who manage people. */
export const roleRoutes = (roles: Roles) =>
  routes("access")
    .get(
      "/api/v3/roles",
      async () => ({ items: (await roles.list()).map(roleView), nextCursor: null }),
      guard("signed-in", { summary: "List roles and their scopes", response: model.RoleList }),
    )
    .post(
      "/api/v3/roles",
      async ({ body, exchange, set }) => {
        const role = await roles.create(body, exchange);
        set.status = CREATED;
        return roleView(role);
      },
      guard("users:admin", {
        summary: "Make a role; one can give only what one holds",
        body: model.NewRoleBody,
        response: { 201: model.RoleView },
      }),
    )
    .get(
      "/api/v3/roles/:name",
      async ({ params }) => roleView(await roles.get(params.name)),
      guard("signed-in", { summary: "Show a role", params: model.ByName, response: model.RoleView }),
    )
    .patch(
      "/api/v3/roles/:name",
      async ({ params, body, exchange }) => roleView(await roles.update(params.name, body, exchange)),
      guard("users:admin", {
        summary: "Change a custom role; it counts at the next request of everybody who has it",
        params: model.ByName,
        body: model.RoleChangesBody,
        response: model.RoleView,
      }),
    )
    .delete(
      "/api/v3/roles/:name",
      ({ params, exchange }) => roles.remove(params.name, exchange),
      guard("users:admin", { summary: "Remove a custom role that nobody has", params: model.ByName }),
    );
