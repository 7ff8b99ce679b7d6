import { jsonOf } from "../lib/json-text.ts";
import { encodeText } from "./encoding.ts";
import { scrubberOf } from "./exchange.ts";
import type { MaybePromise } from "./pipeline.ts";

const NOT_MODIFIED = 304;
const OK = 200;

/** An answer before it is sent. */
export interface TextAnswer {
  text: string;
  status?: number;
  headers: Record<string, string>;
}

/**
 * Sends a text, without the secrets in it: compressed as the client likes; a GET that succeeded carries an ETag, and a client that holds that
 * very text already gets 304 and no body.
 */
export function sendText(request: Request, answer: TextAnswer): MaybePromise<Response> {
  const { status = OK, headers } = answer;
  const text = scrubberOf(request)(answer.text);
  if (status === OK && request.method === "GET") {
    const etag = `W/"${Bun.hash(text).toString(16)}"`;
    headers.etag = etag;
    headers["cache-control"] ??= "private, no-cache";
    if (matchesEtag(request.headers.get("if-none-match"), etag)) {
      return new Response(null, { status: NOT_MODIFIED, headers });
    }
  }
  const encoded = encodeText(text, request.headers.get("accept-encoding"));
  if (encoded instanceof Promise) return encoded.then((done) => respond(done, status, headers));
  return respond(encoded, status, headers);
}

/** Sends a value as JSON; see {@link sendText}. */
export function sendJson(
  request: Request,
  value: unknown,
  status = OK,
  headers: Record<string, string> = {},
): MaybePromise<Response> {
  headers["content-type"] ??= "application/json";
  return sendText(request, { text: jsonOf(value), status, headers });
}

/** Whether an `if-none-match` header names the tag; weak comparison, as RFC 9110 §13.1.2 asks. */
export function matchesEtag(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false;
  if (ifNoneMatch.trim() === "*") return true;
  const wanted = strong(etag);
  return ifNoneMatch.split(",").some((tag) => strong(tag.trim()) === wanted);
}

const strong = (etag: string): string => (etag.startsWith("W/") ? etag.slice(2) : etag);

type Encoded = Awaited<ReturnType<typeof encodeText>>;

function respond({ body, encoding }: Encoded, status: number, headers: Record<string, string>): Response {
  if (encoding) {
    headers["content-encoding"] = encoding;
    headers.vary = "accept-encoding";
  }
  return new Response(body, { status, headers });
}
