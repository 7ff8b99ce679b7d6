/** Headers that carry credentials, or prove to us where a request comes from: no plugin sees them. */
const HIDDEN: ReadonlySet<string> = new Set([
  "authorization",
  "proxy-authorization",
  "cookie",
  "cookie2",
  "x-binnacle-csrf",
  "x-api-key",
  "x-auth-token",
  "x-forwarded-client-cert",
  "sec-websocket-protocol",
  "sec-websocket-key",
]);
/** What else sounds like one. */
const SECRET_NAME = /token|secret|password|api-?key|credential|session/;
const MAX_HEADERS = 64;
const MAX_VALUE_LENGTH = 2_048;

/** A request as a plugin sees it: without query, body, credentials and the name of who asks. */
export interface RequestView {
  method: string;
  path: string;
  headers: Record<string, string>;
}

/** What a middleware plugin is shown of a request. */
export function requestView(method: string, path: string, headers: Headers): RequestView {
  const shown = [...headers]
    .filter(([name]) => !HIDDEN.has(name) && !SECRET_NAME.test(name))
    .slice(0, MAX_HEADERS)
    .map(([name, value]) => [name, value.slice(0, MAX_VALUE_LENGTH)] as const);
  return { method, path, headers: Object.fromEntries(shown) };
}
