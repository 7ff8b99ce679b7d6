import type { IncomingMessage } from "node:http";
import { readBody } from "./answer-body.ts";
import type { Dialled } from "./dialler.ts";
import type { Hop } from "./hop.ts";
import { OutboundError } from "./outcome.ts";
import type { OutboundPolicy } from "./policy.ts";

const NO_CONTENT = 204;
const NOT_MODIFIED = 304;
const FIRST_FINAL_STATUS = 200;
const LAST_STATUS = 599;

/** The answer as the caller gets it; its body ends the connection. @throws OutboundError `protocol_failed`, `too_large` */
export function toResponse(
  message: IncomingMessage,
  hop: Hop,
  { socket }: Dialled,
  { limits }: OutboundPolicy,
  keepEncoding: boolean,
  finish: () => void,
): Response {
  const status = message.statusCode ?? 0;
  const end = (): void => {
    finish();
    socket.destroy();
  };
  try {
    if (status < FIRST_FINAL_STATUS || status > LAST_STATUS) {
      throw new OutboundError("protocol_failed", `${hop.target.host} answers with the status ${status}.`);
    }
    const hasBody = hop.method !== "HEAD" && status !== NO_CONTENT && status !== NOT_MODIFIED;
    const headers = headersOf(message, keepEncoding || !hasBody);
    if (!hasBody) {
      end();
      return new Response(null, { status, headers });
    }
    const { maxResponseBytes: maxBytes } = limits;
    return new Response(readBody(message, { maxBytes, decompress: !keepEncoding, finish: end }), {
      status,
      headers,
    });
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** A body that is handed over decompressed is no longer what these two describe. */
const DESCRIBES_ENCODED = /^content-(?:encoding|length)$/i;

function headersOf(message: IncomingMessage, asReceived: boolean): Headers {
  const headers = new Headers();
  const isEncoded = message.headers["content-encoding"] !== undefined;
  for (let index = 0; index + 1 < message.rawHeaders.length; index += 2) {
    const name = message.rawHeaders[index] ?? "";
    if (isEncoded && !asReceived && DESCRIBES_ENCODED.test(name)) continue;
    headers.append(name, message.rawHeaders[index + 1] ?? "");
  }
  return headers;
}
