import { Type } from "@sinclair/typebox";
import { type FetchParams, type FetchResult, MAX_WHOLE_BODY_BYTES } from "../../../schema/plugin/rpc.ts";
import { AppError } from "../../errors/app-error.ts";
import type { Outbound } from "../../outbound/outbound.ts";
import type { TlsPolicy } from "../../outbound/policy.ts";
import { REDIRECT_STATUSES } from "../../outbound/redirects.ts";
import type { PluginDecisions } from "./decisions.ts";
import type { ResolvedGrants } from "./grants.ts";
import { asDenial, GrantedPolicy } from "./net-policy.ts";
import { letGo, openStream } from "./open-stream.ts";
import { OpenCount } from "./rate.ts";
import { type BrokerCall, method, type ServedMethod } from "./served-method.ts";

/** Requests of one plugin under way at once, their answers being read included. */
const MAX_OPEN = 16;
const DEFAULT_TIMEOUT_MS = 30_000;
const MAX_TIMEOUT_MS = 300_000;
const MAX_RESPONSE_BYTES = 256 * 1_024 * 1_024;
const MAX_REDIRECTS = 10;
const MAX_HEADERS = 100;
/** Base64 writes three bytes as four characters. */
const MAX_WHOLE_BODY_LENGTH = Math.ceil(MAX_WHOLE_BODY_BYTES / 3) * 4;

const Fetch = Type.Object(
  {
    url: Type.String({ maxLength: 8_192 }),
    method: Type.String({ maxLength: 16 }),
    headers: Type.Array(
      Type.Tuple([Type.String({ minLength: 1, maxLength: 256 }), Type.String({ maxLength: 16_384 })]),
      { maxItems: MAX_HEADERS },
    ),
    body: Type.Optional(Type.Integer({ minimum: 0 })),
    wholeBody: Type.Optional(Type.String({ maxLength: MAX_WHOLE_BODY_LENGTH })),
    redirect: Type.Optional(
      Type.Union([Type.Literal("follow"), Type.Literal("manual"), Type.Literal("error")]),
    ),
    timeoutMs: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_TIMEOUT_MS })),
  },
  { additionalProperties: false },
);

/** `ctx.fetch` of one plugin, until `ended`. */
export function fetchMethods(
  { outbound, tls }: { outbound: Outbound; tls?: TlsPolicy | undefined },
  grants: ResolvedGrants,
  decisions: PluginDecisions,
  ended: AbortSignal,
): Record<"fetch", ServedMethod> {
  const open = new OpenCount(MAX_OPEN);
  return {
    fetch: method(Fetch, async (params, call) => {
      const { redirect = "follow", timeoutMs: totalTimeoutMs = DEFAULT_TIMEOUT_MS } = params;
      const policy = new GrantedPolicy(grants, decisions, {
        totalTimeoutMs,
        maxResponseBytes: MAX_RESPONSE_BYTES,
        ...(tls ? { tls } : {}),
        maxRedirects: redirect === "follow" ? MAX_REDIRECTS : 0,
      });
      const release = open.take("requests under way");
      let body: ReadableStream<Uint8Array> | undefined;
      try {
        body = params.body === undefined ? undefined : call.streams.accept(params.body);
        if (body && params.wholeBody !== undefined) {
          throw new AppError("invalid_request", "A request has one body: a stream of it, or the whole.");
        }
        const request = {
          ...requestOf(params, AbortSignal.any([call.signal, ended])),
          ...(body ? { body } : {}),
          ...(params.wholeBody === undefined ? {} : { body: Buffer.from(params.wholeBody, "base64") }),
        };
        const { response, url, tls: peer } = await outbound.fetch(request, policy);
        if (redirect === "error" && REDIRECT_STATUSES.has(response.status)) {
          await response.body?.cancel();
          throw new AppError("outbound_failed", "The answer redirects, which the request does not allow.");
        }
        return { ...resultOf(response, url, call, release), ...(peer ? { tls: peer } : {}) };
      } catch (error) {
        release();
        await letGo(body);
        throw asDenial(error, URL.parse(params.url)?.host ?? "", decisions);
      }
    }),
  };
}

const requestOf = ({ url, method: verb, headers }: FetchParams, signal: AbortSignal) => ({
  url,
  method: verb,
  headers: joined(headers),
  signal,
});

/** A header that is given twice is one with both values (RFC 9110 §5.3). */
function joined(headers: readonly (readonly [string, string])[]): Record<string, string> {
  const values = new Map<string, string>();
  for (const [given, value] of headers) {
    const name = given.toLowerCase();
    if (name === "__proto__") throw new AppError("invalid_request", "There is no header of that name.");
    const before = values.get(name);
    values.set(name, before === undefined ? value : `${before}${name === "cookie" ? "; " : ", "}${value}`);
  }
  return Object.fromEntries(values);
}

function resultOf(
  response: Response,
  url: string,
  { streams }: BrokerCall,
  release: () => void,
): FetchResult {
  const { status, statusText, body } = response;
  const headers = [...response.headers];
  if (!body) release();
  return {
    status,
    statusText,
    url,
    headers,
    ...(body ? { body: openStream(streams, released(body, release)) } : {}),
  };
}

/** The same bytes; `release` is called at their end, also when reading fails or is given up. */
export function released(
  source: ReadableStream<Uint8Array>,
  release: () => void,
): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) return controller.enqueue(value);
          release();
          controller.close();
        } catch (error) {
          release();
          controller.error(error);
        }
      },
      async cancel(reason) {
        release();
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
