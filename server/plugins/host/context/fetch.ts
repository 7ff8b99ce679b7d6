import type { FetchedResponse } from "../../../../plugins/sdk/index.ts";
import { type FetchResult, MAX_WHOLE_BODY_BYTES } from "../../../../schema/plugin/rpc.ts";
import type { ServerLine } from "../server-line.ts";
import { endingWith } from "./streams.ts";

/** Answers that have no body, and of which `Response` takes none. */
const WITHOUT_BODY = new Set([101, 204, 205, 304]);

/**
 * `fetch` by way of the server, which decides whether the plugin may. The bodies of request and answer are streamed, but for
 * a short text or bytes: a receiver that reads no chunks takes it, and a redirect that asks for it again can be followed.
 * @throws ServerError `permission_denied` and why it failed; the reason of `signal` or of the request's own
 */
export async function fetchThroughServer(
  line: ServerLine,
  signal: AbortSignal,
  input: string | URL | Request,
  init: (RequestInit & { timeoutMs?: number }) | undefined = {},
): Promise<FetchedResponse> {
  const { timeoutMs, ...rest } = init;
  const request = new Request(input instanceof URL ? input.href : input, rest);
  const ending = AbortSignal.any([signal, request.signal]);
  const whole = shortBody(rest.body);
  const body = request.body === null || whole ? undefined : line.open(request.body);
  const params = {
    url: request.url,
    method: request.method,
    headers: [...request.headers] as [string, string][],
    redirect: request.redirect,
    ...(body === undefined ? {} : { body }),
    ...(whole ? { wholeBody: whole.toBase64() } : {}),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
  const result = await line.askWith("fetch", params, body === undefined ? [] : [body], ending);
  return responseOf(line, result, ending);
}

/** A body that is there as a whole, and short. */
function shortBody(body: RequestInit["body"]): Uint8Array | undefined {
  const isText = typeof body === "string" || body instanceof URLSearchParams;
  const bytes = isText ? new TextEncoder().encode(String(body)) : bytesOf(body);
  return bytes && bytes.length <= MAX_WHOLE_BODY_BYTES ? bytes : undefined;
}

function bytesOf(body: RequestInit["body"]): Uint8Array | undefined {
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  return ArrayBuffer.isView(body) ? new Uint8Array(body.buffer, body.byteOffset, body.byteLength) : undefined;
}

function responseOf(line: ServerLine, result: FetchResult, signal: AbortSignal): FetchedResponse {
  const { status, statusText, headers, url, body, tls } = result;
  const stream = body === undefined ? null : endingWith(line.channel.streams.accept(body), signal);
  const isBodiless = WITHOUT_BODY.has(status);
  const response = new Response(isBodiless ? null : stream, { status, statusText, headers });
  Object.defineProperty(response, "url", { value: url });
  return Object.assign(response, tls ? { tls } : {});
}
