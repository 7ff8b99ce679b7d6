import { Elysia } from "elysia";
import type { Scope } from "../../schema/rules/scopes.ts";
import { requireScope, requireSomebody } from "../security/principal.ts";
import { exchangeOf } from "./exchange.ts";

/** What a route demands: a scope, `signed-in` (any session, token or owner), or `open` to everybody. */
export type Access = Scope | "signed-in" | "open";

interface RouteOptions {
  /** One sentence for the API documentation. */
  summary: string;
  tags?: string[];
}

/** Where a route's access stands for the boot check and the OpenAPI document. */
export const ACCESS_KEYWORD = "x-access";

/**
 * The last argument of every route: `.get(path, handler, guard("metrics:read", { summary, query, response }))`.
 * It refuses before validation, so that a stranger learns nothing of the shape of an input.
 */
export function guard<const Options extends RouteOptions & Record<string, unknown>>(
  access: Access,
  options: Options,
) {
  const { summary, tags, ...schema } = options;
  return {
    ...schema,
    detail: {
      summary,
      ...(tags ? { tags } : {}),
      [ACCESS_KEYWORD]: access,
      security: access === "open" ? [] : [{ bearer: [] }, { session: [] }],
    },
    transform: ({ request }: { request: Request }) => {
      if (access === "open") return;
      const { principal } = exchangeOf(request);
      if (access === "signed-in") requireSomebody(principal);
      else requireScope(principal, access);
    },
  } as Omit<Options, "summary" | "tags"> & {
    detail: Record<string, unknown>;
    transform: (context: { request: Request }) => void;
  };
}

/** A feature's routes: an Elysia instance whose handlers find `principal`, `correlationId` … in their context. */
export const routes = (name: string) =>
  new Elysia({ name, detail: { tags: [name] } }).derive(({ request }) => ({ exchange: exchangeOf(request) }));

/**
 * Stops the boot when a route states no access: nothing is open by omission.
 * @throws Error naming the routes.
 */
export function assertEveryRouteGuarded(app: {
  routes: readonly { method: string; path: string; hooks: unknown }[];
}): void {
  const bare = app.routes.filter((route) => accessOf(route.hooks) === undefined);
  if (bare.length === 0) return;
  throw new Error(
    `Routes without a guard: ${bare.map((route) => `${route.method} ${route.path}`).join(", ")}`,
  );
}

/** The access a mounted route states, if any. */
export function accessOf(hooks: unknown): Access | undefined {
  const detail = (hooks as { detail?: Record<string, unknown> } | undefined)?.detail;
  return detail?.[ACCESS_KEYWORD] as Access | undefined;
}
