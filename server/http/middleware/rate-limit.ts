import { AppError } from "../../errors/app-error.ts";
import { networkOf } from "../../security/client-network.ts";
import type { DeviceCookies } from "../../security/device-cookie.ts";
import type { RateClass, RateLimits } from "../../security/rate-limits.ts";
import type { Exchange } from "../exchange.ts";
import { GRAPHQL_PATH } from "../graphql/path.ts";
import { type Middleware, PRIORITIES } from "../pipeline.ts";

/** Where passwords and one-time links are tried. */
const LOGIN_PATHS = new Set(["/api/v3/session", "/api/v3/setup", "/api/v3/password-resets"]);
/** Each of these asks a provider elsewhere. */
const PROVIDER_PATH = "/api/v3/sign-in/";

/**
 * Spends one request of the caller's bucket. It stands before validation, so that requests that turn out invalid
 * count too: probing an input costs as much as using it. The data folder's owner is not limited.
 */
export function rateLimit(limits: RateLimits, devices: Pick<DeviceCookies, "read">): Middleware {
  return {
    name: "rate-limit",
    priority: PRIORITIES.rateLimit,
    before(exchange) {
      if (exchange.principal.kind === "owner") return undefined;
      const rateClass = rateClassOf(exchange);
      const verdict = limits.take(rateClass, clientOf(exchange, rateClass, devices));
      if (verdict.allowed) return undefined;
      throw new AppError("rate_limited", undefined, { retryAfterMs: verdict.retryAfterMs });
    },
  };
}

/** Where applications send telemetry, in batches of their own making. */
const INGEST_PATHS = new Set(["/v1/logs", "/v1/traces", "/v1/metrics", "/api/v3/operations"]);

/** The bucket a request is counted in. */
function rateClassOf({ request, path, principal }: Exchange): RateClass {
  if (request.method === "POST" && LOGIN_PATHS.has(path)) return "login";
  if (path.startsWith(PROVIDER_PATH)) return "login";
  if (principal.kind === "nobody") return "anonymous";
  if (request.headers.has("upgrade")) return "sockets";
  if (request.method === "POST" && INGEST_PATHS.has(path)) return "ingest";
  if (principal.kind === "session") return "dashboard";
  return path === GRAPHQL_PATH ? "graphql" : "api";
}

function clientOf(exchange: Exchange, rateClass: RateClass, devices: Pick<DeviceCookies, "read">): string {
  const { principal } = exchange;
  if (rateClass === "login") {
    // A neighbour who spends the network's attempts keeps nobody out who signed in from this browser before.
    const device = devices.read(exchange.request.headers.get("cookie"));
    return device ? `device ${device.deviceId}` : networkOf(exchange.clientAddress);
  }
  if (principal.kind === "token") return principal.tokenId;
  if (principal.kind === "session") return principal.sessionId;
  return networkOf(exchange.clientAddress);
}
