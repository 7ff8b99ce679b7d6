import { type AnyElysia, Elysia } from "elysia";
import { AppError, type InputIssue, toAppError } from "../errors/app-error.ts";
import { sendJson } from "./answer.ts";
import { attachExchange, type Exchange, exchangeOf } from "./exchange.ts";
import { assertEveryRouteGuarded, type MountedRoute } from "./guard.ts";
import type { MaybePromise } from "./pipeline.ts";
import { answerProblem } from "./problem.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
const NO_CONTENT = 204;
const MAX_ISSUES = 20;

/** Elysia behind the pipeline: finds the route, validates, calls the handler; failures become problems. */
export class Router {
  /** The Elysia application, for the description of the API. */
  readonly app: AnyElysia;

  /** @throws Error when a route states no access. */
  constructor(features: readonly AnyElysia[]) {
    const app = new Elysia({ name: "binnacle", normalize: false, allowUnsafeValidationDetails: true })
      .onError(({ request, error, code }) => this.#answerError(exchangeOf(request), error, code))
      .mapResponse(({ request, responseValue, set }) => {
        if (responseValue instanceof Response) return responseValue;
        const status = typeof set.status === "number" ? set.status : undefined;
        const headers = set.headers as Record<string, string>;
        if (responseValue === undefined) return new Response(null, { status: status ?? NO_CONTENT, headers });
        return sendJson(request, responseValue, status, { ...headers });
      });
    for (const feature of features) app.use(feature);
    assertEveryRouteGuarded(app);
    this.app = app.compile();
  }

  /** Whether any method is routed at the path. */
  knows(path: string): boolean {
    return METHODS.some((method) => this.app.router.http.find(method, path) !== null);
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
    const known = METHODS.filter((method) => this.app.router.http.find(method, path) !== null);
    if (known.length === 0) return [];
    return [...known, ...(known.includes("GET") ? ["HEAD"] : []), "OPTIONS"];
  }

  async #head(exchange: Exchange): Promise<Response> {
    const { request } = exchange;
    const asGet = new Request(request.url, { headers: request.headers, signal: request.signal });
    attachExchange(exchange, asGet);
    const { status, headers, body } = await this.app.fetch(asGet);
    await body?.cancel();
    return new Response(null, { status, headers });
  }

  #options(exchange: Exchange): Response {
    const allowed = this.allowedMethods(exchange.path);
    if (allowed.length === 0) throw new AppError("not_found");
    return new Response(null, { status: NO_CONTENT, headers: { allow: allowed.join(", ") } });
  }

  #answerError(exchange: Exchange, thrown: unknown, code: unknown): Response {
    if (code !== "NOT_FOUND" || thrown instanceof AppError)
      return answerProblem(exchange, appErrorOf(thrown, code));
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
function appErrorOf(thrown: unknown, code: unknown): AppError {
  if (code === "PARSE") return new AppError("invalid_request", "The body cannot be read.", { cause: thrown });
  if (code === "INVALID_COOKIE_SIGNATURE")
    return new AppError("invalid_request", undefined, { cause: thrown });
  if (code !== "VALIDATION") return toAppError(thrown);
  const issues = issuesOf(thrown as { all: readonly { path?: string; message?: string }[] });
  return new AppError("validation_failed", sentenceOf(issues), { issues });
}

function issuesOf(error: { all: readonly { path?: string; message?: string }[] }): InputIssue[] {
  const byPath = new Map<string, InputIssue>();
  for (const { path = "", message = "is not valid" } of error.all) {
    const dotted = path.split("/").filter(Boolean).join(".");
    if (!byPath.has(dotted)) byPath.set(dotted, { path: dotted, message });
  }
  return [...byPath.values()].slice(0, MAX_ISSUES);
}

function sentenceOf(issues: readonly InputIssue[]): string {
  const [first] = issues;
  if (!first) return "The request is not valid.";
  const rest = issues.length > 1 ? `, and ${issues.length - 1} more` : "";
  return first.path === "" ? `${first.message}${rest}.` : `${first.path}: ${first.message}${rest}.`;
}
