import { type AppError, type InputIssue, toAppError } from "../errors/app-error.ts";
import type { ErrorKind } from "../errors/catalogue.ts";
import type { Exchange } from "./exchange.ts";

/** The HTTP status of each family of failure; the one place where the two meet. */
export const STATUS_OF_KIND = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  too_large: 413,
  unsupported_media: 415,
  misdirected: 421,
  unprocessable: 422,
  rate_limited: 429,
  unavailable: 503,
  internal: 500,
} as const satisfies Record<ErrorKind, number>;

/** What a person reads about an error; the path need not resolve. */
const TYPE_PREFIX = "urn:binnacle:error:";

/** The body of every failed REST answer (RFC 9457). */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  correlationId: string;
  errors?: readonly InputIssue[];
}

/** How `error` reads to the caller; causes stay inside. */
export function problemOf(error: AppError, correlationId: string): Problem {
  return {
    type: `${TYPE_PREFIX}${error.code}`,
    title: error.title,
    status: STATUS_OF_KIND[error.kind],
    detail: error.message,
    code: error.code,
    correlationId,
    ...(error.issues.length > 0 ? { errors: error.issues } : {}),
  };
}

/**
 * Turns whatever was thrown into an `application/problem+json` answer, with `retry-after` and `www-authenticate`
 * where due, and leaves the error in the exchange for the log.
 * @param status in place of the one of the error's family
 */
export function answerProblem(
  exchange: Exchange,
  thrown: unknown,
  headers: Record<string, string> = {},
  status?: number,
): Response {
  const error = toAppError(thrown);
  exchange.error = error;
  const own = problemOf(error, exchange.correlationId);
  const problem = status === undefined ? own : { ...own, status };
  return new Response(exchange.scrub(JSON.stringify(problem)), {
    status: problem.status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...(error.retryAfterMs === undefined ? {} : { "retry-after": retryAfterSeconds(error.retryAfterMs) }),
      ...(error.kind === "unauthenticated" ? { "www-authenticate": 'Bearer realm="binnacle"' } : {}),
      ...headers,
    },
  });
}

function retryAfterSeconds(retryAfterMs: number): string {
  return String(Math.max(1, Math.ceil(retryAfterMs / 1_000)));
}
