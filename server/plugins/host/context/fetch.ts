import type { FetchedResponse } from "../../../../plugins/sdk/index.ts";
import type { FetchResult } from "../../../../schema/plugin/rpc.ts";
import type { ServerLine } from "../server-line.ts";
import { endingWith } from "./streams.ts";

/** Answers that have no body, and of which `Response` takes none. */
const WITHOUT_BODY = new Set([101, 204, 205, 304]);

/**
 * `fetch` by way of the server, which decides whether the plugin may. The bodies of request and answer are streamed.
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
  const body = request.body === null ? undefined : line.open(request.body);
  const params = {
    url: request.url,
    method: request.method,
    headers: [...request.headers] as [string, string][],
    redirect: request.redirect,
    ...(body === undefined ? {} : { body }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
  const result = await line.askWith("fetch", params, body === undefined ? [] : [body], ending);
  return responseOf(line, result, ending);
}

function responseOf(line: ServerLine, result: FetchResult, signal: AbortSignal): FetchedResponse {
  const { status, statusText, headers, url, body, tls } = result;
  const stream = body === undefined ? null : endingWith(line.channel.streams.accept(body), signal);
  const isBodiless = WITHOUT_BODY.has(status);
  const response = new Response(isBodiless ? null : stream, { status, statusText, headers });
  Object.defineProperty(response, "url", { value: url });
  return Object.assign(response, tls ? { tls } : {});
}
