import { type AnyElysia, Elysia } from "elysia";
import { AppError, toAppError } from "../errors/app-error.ts";
import { sentenceOf } from "../errors/input-issues.ts";
import { sendJson } from "./answer.ts";
import { attachExchange, type Exchange, exchangeOf, pathOf } from "./exchange.ts";
import { assertEveryRouteGuarded, bodyLimitOf, type MountedRoute } from "./guard.ts";
import type { MaybePromise } from "./pipeline.ts";
import { answerProblem } from "./problem.ts";
import { issuesOf, type ValidationFailure } from "./validation.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
const NO_CONTENT = 204;

interface RoutePattern {
  method: string;
  pattern: RegExp;
}

interface LimitedRoute extends RoutePattern {
  bodyLimitBytes: number;
}

/** Elysia behind the pipeline: finds the route, validates, calls the handler; failures become problems. */
export class Router {
  /** The Elysia application, for the description of the API. */
  readonly app: AnyElysia;
  /** The few that have a limit of their own. */
  readonly #limited: readonly LimitedRoute[];
  /** Made for the first path that nobody knows: a start needs none. */
  #allPatterns: readonly RoutePattern[] | undefined;

  /** @throws Error when a route states no access. */
  constructor(features: readonly AnyElysia[]) {
    const app = new Elysia({ name: "binnacle", normalize: false, allowUnsafeValidationDetails: true })
      .onError(({ request, error, code }) => this.#answerError(exchangeOf(request), error, code))
      .mapResponse(({ request, responseValue, set }) => {
        if (responseValue instanceof Response) return responseValue;
        const status = typeof set.status === "number" ? set.status : undefined;
        const headers = set.headers as Record<string, string>;
        // Elysia adds what is left in `set` to the answer: a cookie would be set twice.
        set.headers = {};
        if (responseValue === undefined) return new Response(null, { status: NO_CONTENT, headers });
        return sendJson(request, responseValue, status, { ...headers });
      });
    for (const feature of features) app.use(feature);
    assertEveryRouteGuarded(app);
    this.app = app.compile();
    this.#limited = app.routes.flatMap(({ method, path, hooks }) => {
      const bodyLimitBytes = bodyLimitOf(hooks);
      return bodyLimitBytes === undefined ? [] : [{ method, pattern: patternOf(path), bodyLimitBytes }];
    });
  }

  get #patterns(): readonly RoutePattern[] {
    this.#allPatterns ??= this.routes.map(({ method, path }) => ({ method, pattern: patternOf(path) }));
    return this.#allPatterns;
  }

  /** The largest body that the request's route takes; undefined when it says nothing of its own. */
  bodyLimitOf({ method, url }: Request): number | undefined {
    const isIt = (route: LimitedRoute): boolean => route.method === method && route.pattern.test(pathOf(url));
    return this.#limited.find(isIt)?.bodyLimitBytes;
  }

  /** Whether any method is routed at the path. */
  knows(path: string): boolean {
    return this.#patterns.some(({ pattern }) => pattern.test(path));
  }

  get routes(): readonly MountedRoute[] {
    return this.app.routes;
  }

  /** Answers by the route for the path; HEAD as GET without a body, OPTIONS with what is allowed. */
  handle(exchange: Exchange): MaybePromise<Response> {
    const { method } = exchange.request;
    if (method === "HEAD") return this.#head(exchange);
    if (method === "OPTIONS") return this.#options(exchange);
    return this.app.fetch(exchange.request);
  }

  /** The methods that the path knows, HEAD and OPTIONS included; empty for an unknown path. */
  allowedMethods(path: string): string[] {
    const matching = this.#patterns.filter(({ pattern }) => pattern.test(path));
    const known = METHODS.filter((method) => matching.some((route) => route.method === method));
    if (known.length === 0) return [];
    return [...known, ...(known.includes("GET") ? ["HEAD"] : []), "OPTIONS"];
  }

  /** The runtime sends no body in answer to HEAD, and the length it would have had. */
  #head(exchange: Exchange): MaybePromise<Response> {
    const { request } = exchange;
    const asGet = new Request(request.url, { headers: request.headers, signal: request.signal });
    attachExchange(exchange, asGet);
    return this.app.fetch(asGet);
  }

  #options(exchange: Exchange): Response {
    const allowed = this.allowedMethods(exchange.path);
    if (allowed.length === 0) throw new AppError("not_found");
    return new Response(null, { status: NO_CONTENT, headers: { allow: allowed.join(", ") } });
  }

  #answerError(exchange: Exchange, thrown: unknown, code: unknown): Response {
    if (code !== "NOT_FOUND" || thrown instanceof AppError)
      return answerProblem(exchange, appErrorOf(thrown, code, exchange.request));
    const allowed = this.allowedMethods(exchange.path);
    if (allowed.length === 0) return answerProblem(exchange, new AppError("not_found"));
    const error = new AppError(
      "method_not_allowed",
      `${exchange.path} knows ${allowed.join(", ")}, not ${exchange.request.method}.`,
    );
    return answerProblem(exchange, error, { allow: allowed.join(", ") });
  }
}

/** Elysia's own failures in our words; everything else as it came. */
function appErrorOf(thrown: unknown, code: unknown, request: Request): AppError {
  if (code === "PARSE") {
    // What a route's own reader of bodies throws arrives wrapped.
    const cause = thrown instanceof Error ? thrown.cause : undefined;
    if (cause instanceof AppError) return cause;
    return new AppError("invalid_request", "The body cannot be read.", { cause: thrown });
  }
  if (code !== "VALIDATION") return toAppError(thrown);
  const issues = issuesOf(thrown as ValidationFailure, request);
  return new AppError("validation_failed", sentenceOf(issues), { issues });
}

/** `/users/:id` as an expression for whole paths. */
function patternOf(path: string): RegExp {
  const source = path
    .split("/")
    .map((part) => (part.startsWith(":") ? "[^/]+" : RegExp.escape(part)))
    .join("/");
  return new RegExp(`^${source}$`);
}
