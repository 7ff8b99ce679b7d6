import { Elysia } from "elysia";
import type { Scope } from "../../schema/rules/scopes.ts";
import { requireScope, requireSomebody } from "../security/principal.ts";
import { type Exchange, exchangeOf } from "./exchange.ts";
import { fillsIn } from "./inner-defaults.ts";
import { readBytes, readJson } from "./json-body.ts";

export { readBytes };

/** What a route demands: a scope, `signed-in` (any session, token or owner), or `open` to everybody. */
export type Access = Scope | "signed-in" | "open";

interface RouteOptions {
  /** One sentence for the API documentation. */
  summary: string;
  tags?: string[];
  /** Shape of the answer, or status → shape. Checked by the compiler and by tests, not at run time: that costs a third of a request. */
  response?: unknown;
  body?: unknown;
  /** Largest body, in place of `server.bodyLimitBytes`. */
  bodyLimitBytes?: number;
}

/** Where a route's access stands for the boot check and the OpenAPI document. */
export const ACCESS_KEYWORD = "x-access";
/** Where the shapes of a route's answers wait for the OpenAPI document. */
export const RESPONSE_KEYWORD = "x-response";
/** Where the shape of a route's body waits for it. */
export const BODY_KEYWORD = "x-body";
/** Where a route's own limit of its body stands, in the OpenAPI document too. */
const BODY_LIMIT_KEYWORD = "x-body-limit-bytes";

interface HandlerContext {
  request: Request;
}

interface RouteContext extends HandlerContext {
  /** The pattern that the path was matched by. */
  route: string;
}

/**
 * The last argument of every route: `.get(path, handler, guard("metrics:read", { summary, query, response }))`.
 * It refuses before the body is read and before validation, so that a stranger learns nothing of an input's shape.
 */
export function guard<const Options extends RouteOptions & Record<string, unknown>>(
  access: Access,
  options: Options,
) {
  const { summary, tags, response, bodyLimitBytes, ...schema } = options;
  const filled = fillsIn(options.body);
  return {
    ...schema,
    detail: {
      summary,
      ...(tags ? { tags } : {}),
      [ACCESS_KEYWORD]: access,
      [RESPONSE_KEYWORD]: response,
      [BODY_KEYWORD]: options.body,
      ...(bodyLimitBytes === undefined ? {} : { [BODY_LIMIT_KEYWORD]: bodyLimitBytes }),
      security: access === "open" ? [] : [{ bearer: [] }, { session: [] }],
    },
    ...(options.body
      ? {
          parse: async ({ request, route }: RouteContext) => {
            const exchange = exchangeOf(request);
            exchange.route = route;
            demand(access, exchange);
            return filled(await readJson(exchange));
          },
        }
      : {}),
    transform: ({ request, route }: RouteContext) => {
      const exchange = exchangeOf(request);
      exchange.route = route;
      demand(access, exchange);
    },
  } as unknown as Omit<Options, "summary" | "tags"> & { detail: Record<string, unknown> };
}

/** Passes when the caller has what `access` demands. @throws AppError `unauthenticated`, `scope_missing` */
export function demand(access: Access, { principal }: Pick<Exchange, "principal">): void {
  if (access === "open") return;
  if (access === "signed-in") requireSomebody(principal);
  else requireScope(principal, access);
}

/** A feature's routes: an Elysia instance whose handlers find the `exchange` in their context. */
export const routes = (name: string) =>
  new Elysia({ name, detail: { tags: [name] }, normalize: false }).derive(({ request }) => ({
    exchange: exchangeOf(request),
  }));

/** What is read of a mounted route. */
export interface MountedRoute {
  method: string;
  path: string;
  hooks: unknown;
}

/**
 * Stops the boot when a route states no access: nothing is open by omission.
 * @throws Error naming the routes.
 */
export function assertEveryRouteGuarded(app: { routes: readonly MountedRoute[] }): void {
  const bare = app.routes.filter((route) => accessOf(route.hooks) === undefined);
  if (bare.length === 0) return;
  throw new Error(
    `Routes without a guard: ${bare.map((route) => `${route.method} ${route.path}`).join(", ")}`,
  );
}

/** The access a mounted route states, if any. */
export const accessOf = (hooks: unknown): Access | undefined =>
  detailOf(hooks)?.[ACCESS_KEYWORD] as Access | undefined;

/** The limit of its body that a mounted route states for itself, if any. */
export const bodyLimitOf = (hooks: unknown): number | undefined =>
  detailOf(hooks)?.[BODY_LIMIT_KEYWORD] as number | undefined;

function detailOf(hooks: unknown): Record<string, unknown> | undefined {
  return (hooks as { detail?: Record<string, unknown> } | undefined)?.detail;
}
