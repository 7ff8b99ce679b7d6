import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import type { Dialled } from "./dialler.ts";
import { OutboundError } from "./outcome.ts";
import type { WebTarget } from "./target.ts";

/** Interim answers (100, 103 …) before the answer; a server sends one or two. */
const MAX_INTERIM = 20;

/** What may be sent as a body; only the first two can be sent again after a redirect. */
export type OutboundBody = string | Uint8Array | ReadableStream<Uint8Array>;

/** One request to one place, before redirects are considered. */
export interface Hop {
  readonly target: WebTarget;
  readonly method: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: OutboundBody | undefined;
}

/** An agent for one request over one connection that is open already: the HTTP client never resolves or connects. */
class OpenConnection extends Agent {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    super({ keepAlive: false });
    this.#socket = socket;
  }

  override createConnection(): Socket {
    return this.#socket;
  }
}

/**
 * Sends the request and gives the answer's head; the body is left in the message. When the signal comes, the message
 * is destroyed with its reason, also while the body is read.
 * @throws OutboundError `connection_lost`, `protocol_failed`, `timed_out`, or the signal's reason
 */
export function sendHop(
  hop: Hop,
  dialled: Dialled,
  idleTimeoutMs: number,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { socket } = dialled;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const { url } = hop.target;
  const request = httpRequest({
    agent: new OpenConnection(socket),
    host: hop.target.host,
    method: hop.method,
    path: dialled.proxy ? url.href : `${url.pathname}${url.search}`,
    headers: headersOf(hop, dialled),
  });
  let message: IncomingMessage | undefined;
  const end = (error: unknown): void => {
    reject(error);
    message?.destroy(error instanceof Error ? error : undefined);
    request.destroy();
    socket.destroy();
  };
  const abort = (): void => end(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  socket.once("close", () => signal.removeEventListener("abort", abort));
  socket.setTimeout(idleTimeoutMs, () =>
    end(new OutboundError("timed_out", `${hop.target.host} fell silent.`)),
  );
  request.once("response", (received) => {
    message = received;
    resolve(received);
  });
  let interim = 0;
  const countInterim = (): void => {
    interim++;
    if (interim > MAX_INTERIM) {
      end(new OutboundError("protocol_failed", `${hop.target.host} sends interim answers without end.`));
    }
  };
  request.on("continue", countInterim);
  request.on("information", countInterim);
  request.once("upgrade", () =>
    end(new OutboundError("protocol_failed", "The answer changes the protocol.")),
  );
  request.on("error", (cause) => end(sendingFailure(hop, cause)));
  if (hop.body instanceof ReadableStream) {
    const source = Readable.fromWeb(hop.body as unknown as NodeReadableStream);
    source.once("error", (cause) => end(new OutboundError("cancelled", "The request's body failed.", cause)));
    source.pipe(request);
  } else request.end(hop.body);
  return promise;
}

function headersOf({ headers, target, body }: Hop, { proxy }: Dialled): Record<string, string> {
  const all: Record<string, string> = { host: target.url.host, ...Object.fromEntries(headers) };
  if (proxy?.authorization !== undefined) all["proxy-authorization"] = proxy.authorization;
  if (typeof body === "string" || body instanceof Uint8Array) {
    all["content-length"] = String(Buffer.byteLength(body));
  }
  return all;
}

function sendingFailure({ target }: Hop, cause: Error & { code?: string }): OutboundError {
  const isParsing = cause.code?.startsWith("HPE_") === true;
  return isParsing
    ? new OutboundError("protocol_failed", `${target.host} does not answer in HTTP (${cause.code}).`, cause)
    : new OutboundError("connection_lost", `${target.host} ended the connection before it answered.`, cause);
}
