import { type Access, guard, readBytes, routes } from "../http/guard.ts";
import { readJsonBody, unpackBody } from "./body.ts";
import type { Signal, Taken } from "./signal.ts";

const JSON_TYPE = "application/json";
const PROTOBUF_TYPE = "application/x-protobuf";
const TYPES = [PROTOBUF_TYPE, JSON_TYPE];

/** The path of one signal of OTLP/HTTP: protobuf or JSON in, the answer in the same format. */
export const otlpRoutes = (signal: Signal<Access>) =>
  routes("otlp").post(
    signal.path,
    async ({ exchange }) => {
      const { headers } = exchange.request;
      const isJson = headers.get("content-type")?.trim().toLowerCase().startsWith(JSON_TYPE) ?? false;
      const bytes = await unpackBody(await readBytes(exchange, TYPES), headers.get("content-encoding"));
      if (isJson) return jsonAnswer(signal, await signal.take(readJsonBody(bytes)));
      // Few servers are sent protobuf: it is evaluated when the first comes.
      const { readMessage, writePartialSuccess } = await import("./protobuf.ts");
      const { rejected, problem } = await signal.take(readMessage(bytes, signal.shape));
      const body = rejected === 0 ? new Uint8Array() : writePartialSuccess(rejected, problem);
      return new Response(body, { headers: { "content-type": PROTOBUF_TYPE } });
    },
    guard(signal.access, { summary: signal.summary }),
  );

function jsonAnswer({ rejectedField }: Signal<Access>, { rejected, problem }: Taken): object {
  if (rejected === 0) return {};
  return { partialSuccess: { [rejectedField]: String(rejected), errorMessage: problem } };
}
