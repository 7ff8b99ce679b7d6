import { AppError } from "../errors/app-error.ts";
import { type Access, guard, readBytes, routes } from "../http/guard.ts";
import { Semaphore } from "../lib/semaphore.ts";
import type { Sender } from "../logs/line.ts";
import { personOf } from "../security/principal.ts";
import { readJsonBody, unpackBody } from "./body.ts";
import type { Signal, Taken } from "./signal.ts";

const JSON_TYPE = "application/json";
const PROTOBUF_TYPE = "application/x-protobuf";
const TYPES = [PROTOBUF_TYPE, JSON_TYPE];
/** Requests unpacked at once: a few kilobytes become a hundred megabytes of objects. */
const MAX_AT_ONCE = 2;
/** Requests that wait for it, as they were sent. */
const MAX_WAITING = 50;
const RETRY_MS = 5_000;

/** The path of one signal of OTLP/HTTP: protobuf or JSON in, the answer in the same format. */
export function otlpRoutes(signal: Signal<Access>) {
  const unpacking = new Semaphore(MAX_AT_ONCE);
  return routes("otlp").post(
    signal.path,
    async ({ exchange }) => {
      const packed = await readBytes(exchange, TYPES);
      if (unpacking.waiting >= MAX_WAITING) {
        const message = `${MAX_WAITING} requests of this kind wait already; send it again.`;
        throw new AppError("overloaded", message, { retryAfterMs: RETRY_MS });
      }
      const { principal, request } = exchange;
      return unpacking.run(() => take(signal, request.headers, packed, personOf(principal)));
    },
    guard(signal.access, { summary: signal.summary }),
  );
}

async function take(
  signal: Signal<Access>,
  headers: Headers,
  packed: Uint8Array,
  sender: Sender,
): Promise<Response | object> {
  const isJson = headers.get("content-type")?.trim().toLowerCase().startsWith(JSON_TYPE) ?? false;
  const bytes = await unpackBody(packed, headers.get("content-encoding"));
  if (isJson) return jsonAnswer(signal, await signal.take(readJsonBody(bytes), sender));
  // Few servers are sent protobuf: it is evaluated when the first comes.
  const { readMessage, writePartialSuccess } = await import("./protobuf.ts");
  const { rejected, problem } = await signal.take(await readMessage(bytes, signal.shape), sender);
  const body = rejected === 0 ? new Uint8Array() : writePartialSuccess(rejected, problem);
  return new Response(body, { headers: { "content-type": PROTOBUF_TYPE } });
}

function jsonAnswer({ rejectedField }: Signal<Access>, { rejected, problem }: Taken): object {
  if (rejected === 0) return {};
  return { partialSuccess: { [rejectedField]: String(rejected), errorMessage: problem } };
}
