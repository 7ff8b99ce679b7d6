import type { SessionCookie } from "../../security/session-cookie.ts";
import type { Exchange } from "../exchange.ts";
import { contentPolicyOf } from "../page-headers.ts";
import { type Middleware, PRIORITIES } from "../pipeline.ts";

/** Adds to every answer the correlation id and what keeps browsers from guessing, framing and leaking. */
export const answerHeaders = (sessionCookie: Pick<SessionCookie, "clear">): Middleware => ({
  name: "headers",
  priority: PRIORITIES.headers,
  after(exchange: Exchange, response: Response) {
    const { headers } = response;
    headers.set("x-correlation-id", exchange.correlationId);
    if (exchange.trace) headers.set("traceresponse", exchange.trace.response);
    headers.set("x-content-type-options", "nosniff");
    if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
    if (headers.get("content-type")?.startsWith("text/html")) addPageHeaders(exchange, headers);
    if (exchange.hasStaleCookie && exchange.cookies.length === 0) {
      exchange.cookies.push(sessionCookie.clear(exchange.isSecure));
    }
    for (const cookie of exchange.cookies) headers.append("set-cookie", cookie);
    return response;
  },
});

function addPageHeaders(exchange: Exchange, headers: Headers): void {
  headers.set("content-security-policy", contentPolicyOf(exchange.path));
  headers.set("x-frame-options", "DENY");
  headers.set("cross-origin-resource-policy", "same-origin");
  headers.set("referrer-policy", "same-origin");
  headers.set("cross-origin-opener-policy", "same-origin");
  headers.set("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()");
  if (exchange.isSecure) headers.set("strict-transport-security", "max-age=31536000");
}
