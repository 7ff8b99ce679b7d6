import type { Configuration } from "../../config/configuration.ts";
import type { Exchange } from "../exchange.ts";
import { type Middleware, PRIORITIES } from "../pipeline.ts";

const NO_CONTENT = 204;
const ANY = "*";
/** What a page may send beyond what every page may. */
const ALLOWED_HEADERS =
  "authorization, content-type, if-match, if-none-match, idempotency-key, traceparent, x-binnacle-csrf, x-correlation-id";
/** What a page may read of an answer beyond what every page may. */
const EXPOSED_HEADERS = "allow, etag, retry-after, traceresponse, x-correlation-id";

/**
 * Answers browsers that ask whether a page of another origin may call us (Fetch standard, CORS protocol). Off unless
 * origins are configured; an origin is compared as a whole, and `*` never goes with credentials.
 *
 * @param allowedMethods what a path knows, for the answer to the question before the request.
 */
export function cors(configuration: Configuration, allowedMethods: (path: string) => string[]): Middleware {
  return {
    name: "cors",
    priority: PRIORITIES.cors,
    before(exchange) {
      const { origins, credentials, maxAgeSeconds } = configuration.settings.server.cors;
      if (origins.length === 0) return undefined;
      const { headers, method } = exchange.request;
      const origin = headers.get("origin");
      if (origin === null || origin === exchange.origin) return undefined;
      if (!origins.includes(origin) && origins[0] !== ANY) return undefined;
      exchange.crossOrigin = { origin: origins[0] === ANY ? ANY : origin, hasCredentials: credentials };
      if (method !== "OPTIONS" || !headers.has("access-control-request-method")) return undefined;
      return preflight(allowedMethods(exchange.path), maxAgeSeconds);
    },
    after(exchange, response) {
      if (configuration.settings.server.cors.origins.length === 0) return response;
      response.headers.append("vary", "origin");
      if (exchange.crossOrigin) addGrant(exchange.crossOrigin, response.headers);
      return response;
    },
  };
}

function preflight(methods: readonly string[], maxAgeSeconds: number): Response {
  return new Response(null, {
    status: NO_CONTENT,
    headers: {
      "access-control-allow-methods": methods.join(", "),
      "access-control-allow-headers": ALLOWED_HEADERS,
      "access-control-max-age": String(maxAgeSeconds),
    },
  });
}

function addGrant({ origin, hasCredentials }: NonNullable<Exchange["crossOrigin"]>, headers: Headers): void {
  headers.set("access-control-allow-origin", origin);
  headers.set("access-control-expose-headers", EXPOSED_HEADERS);
  if (hasCredentials) headers.set("access-control-allow-credentials", "true");
}
