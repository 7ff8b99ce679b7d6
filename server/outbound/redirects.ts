import type { Hop, OutboundBody } from "./hop.ts";
import { OutboundError } from "./outcome.ts";
import { parseWebTarget } from "./target.ts";

const SEE_OTHER = 303;
/** Statuses that send the client elsewhere (RFC 9110 §15.4). */
export const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, SEE_OTHER, 307, 308]);
const KEEPS_METHOD: ReadonlySet<number> = new Set([307, 308]);
/** What may hold a credential, whatever the service calls it: these never cross to another origin. */
const CREDENTIAL_HEADER = /auth|cookie|token|secret|key|signature|password|session|credential/;
const BODY_HEADER = /^content-/;

/**
 * The request that a redirect asks for. It is read and judged like a first one.
 * @param credentialHeaders lower-case names that never cross to another origin, beside those that look like it.
 * @throws OutboundError `refused_redirect` from https to http, or where a body would have to be sent again to another
 *   origin or cannot be; `protocol_failed` without a location; `invalid_request` for one that cannot be read
 */
export function nextHop(
  hop: Hop,
  status: number,
  location: string | undefined,
  credentialHeaders: ReadonlySet<string>,
): Hop {
  if (location === undefined)
    throw new OutboundError("protocol_failed", "A redirect names no place to go to.");
  const next = parseWebTarget(resolved(location, hop.target.url));
  if (hop.target.isSecure && !next.isSecure) {
    throw new OutboundError("refused_redirect", `${hop.target.host} redirects from https to http.`);
  }
  const isSameOrigin = next.url.origin === hop.target.url.origin;
  const becomesGet =
    !KEEPS_METHOD.has(status) && hop.method !== "HEAD" && (status === SEE_OTHER || hop.method === "POST");
  const body = becomesGet ? undefined : repeatable(hop.body, isSameOrigin);
  const headers = new Map(
    [...hop.headers].filter(([name]) => {
      if (becomesGet && BODY_HEADER.test(name)) return false;
      return isSameOrigin || !(CREDENTIAL_HEADER.test(name) || credentialHeaders.has(name));
    }),
  );
  return { target: next, method: becomesGet ? "GET" : hop.method, headers, body };
}

/** A location may be relative; what the URL parser would repair is refused by the reader of targets, so it is joined as text first. */
function resolved(location: string, base: URL): string {
  if (/^[a-z][a-z0-9+.-]*:/i.test(location)) return location;
  const joined = URL.parse(location, base);
  if (!joined) throw new OutboundError("protocol_failed", "A redirect names a place that cannot be read.");
  return joined.href;
}

function repeatable(body: OutboundBody | undefined, isSameOrigin: boolean): OutboundBody | undefined {
  if (body === undefined) return undefined;
  if (!isSameOrigin) {
    throw new OutboundError("refused_redirect", "A redirect asks to send the body to another origin.");
  }
  if (body instanceof ReadableStream) {
    throw new OutboundError("refused_redirect", "A redirect asks for a body again that was a stream.");
  }
  return body;
}
