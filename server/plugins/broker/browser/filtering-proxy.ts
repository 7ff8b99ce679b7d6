import { createServer, type Server, type Socket } from "node:net";
import { AppError } from "../../../errors/app-error.ts";
import type { Outbound } from "../../../outbound/outbound.ts";
import { OutboundError, type OutboundOutcome } from "../../../outbound/outcome.ts";
import type { OutboundPolicy } from "../../../outbound/policy.ts";
import { NOWHERE_HOST } from "./chromium-flags.ts";
import { readHead } from "./head-reader.ts";
import { closingHead, END_OF_HEAD, isInterim, readProxyHead } from "./proxy-head.ts";

const MAX_CONNECTIONS = 128;
const MAX_TRAFFIC_BYTES = 256 * 1_024 * 1_024;
const HEAD_TIMEOUT_MS = 10_000;
/** Interim answers before the final one; a server that sends more is not serious. */
const MAX_INTERIM_HEADS = 5;
const REFUSALS: ReadonlySet<OutboundOutcome> = new Set([
  "refused_host",
  "refused_address",
  "invalid_request",
]);

interface ProxyParts {
  outbound: Outbound;
  policy: OutboundPolicy;
  /** Told of each `host:port` that was refused. */
  onRefused: (place: string) => void;
  /** Told once when the browser has moved more than it may. */
  onExhausted: () => void;
  /** Both directions together; 256 MiB when absent. */
  maxTrafficBytes?: number;
}

/**
 * The only way out of a browser: an HTTP proxy on a socket file that opens connections to granted hosts, at addresses
 * that `outbound` has judged and pinned, and refuses the rest. It does not look into TLS: the browser checks certificates.
 */
export class FilteringProxy {
  readonly #parts: ProxyParts;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #ending = new AbortController();
  #trafficBytes = 0;

  private constructor(parts: ProxyParts) {
    this.#parts = parts;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#serve(socket).catch((error: unknown) => answerRefusal(socket, error));
    });
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** Listens on the socket file `path`. */
  static async listen(path: string, parts: ProxyParts): Promise<FilteringProxy> {
    const proxy = new FilteringProxy(parts);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    proxy.#server.once("error", reject);
    proxy.#server.listen(path, resolve);
    await promise;
    return proxy;
  }

  /** What went through, both directions together. */
  get trafficBytes(): number {
    return this.#trafficBytes;
  }

  close(): void {
    this.#ending.abort(new AppError("cancelled", "The browser was closed."));
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #serve(socket: Socket): Promise<void> {
    this.#own(socket);
    socket.setTimeout(HEAD_TIMEOUT_MS, () => socket.destroy());
    const request = readProxyHead(await readHead(socket));
    socket.setTimeout(0);
    const origin = await this.#connect(request.target.host, request.target.port);
    this.#own(origin);
    if (socket.destroyed) origin.destroy();
    socket.once("close", () => origin.destroy());
    if (request.kind === "tunnel") {
      socket.write(`HTTP/1.1 200 Connection established${END_OF_HEAD}`);
      this.#relay(socket, origin);
    } else {
      origin.write(request.head);
      this.#relay(socket, origin);
      await copyHeads(origin, socket);
    }
    this.#relay(origin, socket);
  }

  async #connect(host: string, port: number): Promise<Socket> {
    const { outbound, policy, onRefused } = this.#parts;
    try {
      const options = { tls: false, signal: this.#ending.signal };
      return (await outbound.connect(host, port, options, policy)).socket;
    } catch (error) {
      if (isRefusal(error) && host !== NOWHERE_HOST) onRefused(`${host}:${port}`);
      throw error;
    }
  }

  #own(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => this.#sockets.delete(socket));
    if (this.#ending.signal.aborted) socket.destroy();
  }

  /** Moves bytes at the pace of the slower side. */
  #relay(from: Socket, to: Socket): void {
    from.on("data", (chunk: Buffer) => {
      this.#trafficBytes += chunk.length;
      if (this.#trafficBytes > (this.#parts.maxTrafficBytes ?? MAX_TRAFFIC_BYTES)) return this.#exhaust();
      if (to.destroyed || to.writableEnded || to.write(chunk)) return;
      from.pause();
      to.once("drain", () => from.resume());
    });
    from.once("end", () => to.end());
    from.once("close", () => to.end());
  }

  #exhaust(): void {
    if (this.#ending.signal.aborted) return;
    this.close();
    this.#parts.onExhausted();
  }
}

async function copyHeads(origin: Socket, socket: Socket): Promise<void> {
  for (let heads = 0; heads < MAX_INTERIM_HEADS; heads++) {
    const head = await readHead(origin);
    if (!isInterim(head)) {
      socket.write(closingHead(head));
      return;
    }
  }
  throw new OutboundError("protocol_failed", "The answer does not begin.");
}

const isRefusal = (error: unknown): boolean =>
  (error instanceof OutboundError && REFUSALS.has(error.outcome)) ||
  (error instanceof AppError && error.code === "permission_denied");

/** The browser shows a page of its own for these; the words are for whoever reads its log. */
function answerRefusal(socket: Socket, error: unknown): void {
  const status = isRefusal(error) ? "403 Forbidden" : "502 Bad Gateway";
  const text = error instanceof AppError ? error.message : "The other side did not answer as it should.";
  const body = Buffer.from(`${text}\n`);
  const head = [
    `HTTP/1.1 ${status}`,
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${body.length}`,
    "Connection: close",
  ];
  if (!socket.destroyed) socket.end(Buffer.concat([Buffer.from(head.join("\r\n") + END_OF_HEAD), body]));
}
