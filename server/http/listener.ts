import { rmSync } from "node:fs";
import type { Server } from "bun";
import { AppError, errorCodeOf } from "../errors/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../logs/logger.ts";
import type { CertificatePair } from "./certificates.ts";
import type { Sockets, SocketTicket } from "./socket.ts";

/** Bun's own limit stands above ours, which answers with a problem; it ends bodies that lie about their size. */
const HARD_BODY_LIMIT_BYTES = 80 * 1024 * 1024;
/** Event streams send a ping more often than this. */
const IDLE_SECONDS = 30;
/** Linux: `sun_path` holds 107 bytes and a NUL. */
const MAX_UNIX_PATH_BYTES = 107;
const OWNER_ONLY = 0o177;
const DRAIN_POLL_MS = 20;
/** An address that stands for every interface is none to open; the loopback one is among them. */
const OPENABLE: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

type HttpServer = Server<SocketTicket>;

/** Answers one request that came by `server`. */
export type Answerer = (
  request: Request,
  server: HttpServer,
  isControl: boolean,
) => Promise<Response | undefined>;

interface ListenerOptions {
  host: string;
  port: number;
  /** It is going to answer HTTPS. */
  hasTls: boolean;
  /** A second port for plain HTTP beside HTTPS; 0 for none. */
  httpPort: number;
  /** Path of the owner's socket. */
  controlSocket: string;
  answer: Answerer;
  sockets: Sockets;
  clock: Clock;
  log: Logger;
}

/** The two doors: TCP for everybody, a Unix socket that only the data folder's owner can open. */
export class Listener {
  readonly #options: ListenerOptions;
  #tcp: HttpServer | undefined;
  #pair: CertificatePair | undefined;
  #plain: HttpServer | undefined;
  #control: HttpServer | undefined;
  /** Take no new connection; the ones they have go on with the certificate they began with. */
  #retired: HttpServer[] = [];

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** `http://127.0.0.1:8000`: where it listens, or before it does, where it is going to. */
  get address(): string {
    return this.#urlOf(this.#hostname);
  }

  /** The same as a browser on this machine can open it. */
  get openableAddress(): string {
    return this.#urlOf(OPENABLE[this.#hostname] ?? this.#hostname);
  }

  get #hostname(): string {
    return this.#tcp?.hostname ?? this.#options.host;
  }

  #urlOf(hostname: string): string {
    const host = hostname.includes(":") ? `[${hostname}]` : hostname;
    return `${this.#options.hasTls ? "https" : "http"}://${host}:${this.#tcp?.port ?? this.#options.port}`;
  }

  get port(): number {
    return this.#tcp?.port ?? 0;
  }

  /**
   * @param tls what to answer HTTPS with; plain HTTP without.
   * @throws AppError `address_in_use`, `invalid_configuration`
   */
  start(tls: CertificatePair | undefined): void {
    const { port, httpPort } = this.#options;
    this.#pair = tls;
    this.#tcp = this.#bindTcp(port, tls);
    if (tls && httpPort > 0) this.#plain = this.#bindTcp(httpPort, undefined);
    this.#control = this.#bindControl();
  }

  /** Takes no new connection; waits until what is under way is answered, or the time is over; then closes all. */
  async stop(drainMs: number): Promise<void> {
    const servers = [this.#tcp, this.#plain, this.#control, ...this.#retired].filter(
      (server) => server !== undefined,
    );
    const { clock, controlSocket } = this.#options;
    for (const server of servers) server.stop(false).catch(() => undefined);
    const deadline = clock.monotonic() + drainMs;
    while (servers.some((server) => server.pendingRequests > 0) && clock.monotonic() < deadline) {
      await new Promise<void>((resolve) => clock.after(DRAIN_POLL_MS, resolve));
    }
    await Promise.all(servers.map((server) => server.stop(true)));
    if (this.#control) rmSync(controlSocket, { force: true });
    this.#tcp = undefined;
    this.#plain = undefined;
    this.#control = undefined;
    this.#retired = [];
  }

  /** The port of plain HTTP beside HTTPS; undefined when there is none. */
  get httpPort(): number | undefined {
    return this.#plain?.port;
  }

  /**
   * New connections get this certificate; open ones go on with theirs. The port changes hands within one turn of the
   * event loop, so that nobody else can take it.
   * @throws AppError `invalid_configuration`; the certificate before stays in use then.
   */
  renew(tls: CertificatePair): void {
    const before = this.#tcp;
    const oldPair = this.#pair;
    if (!before || !oldPair) return;
    const port = before.port ?? this.#options.port;
    before.stop(false).catch(() => undefined);
    this.#retired = [...this.#retired.filter(isInUse), before];
    try {
      this.#tcp = this.#bindTcp(port, tls);
      this.#pair = tls;
    } catch (error) {
      this.#tcp = this.#bindTcp(port, oldPair);
      throw error;
    }
  }

  #handlers(isControl: boolean) {
    const { answer, sockets } = this.#options;
    return {
      development: false,
      maxRequestBodySize: HARD_BODY_LIMIT_BYTES,
      websocket: sockets.handler,
      fetch: (request: Request, server: HttpServer) => answer(request, server, isControl),
    };
  }

  /** @throws AppError `address_in_use`, `invalid_configuration` */
  #bindTcp(port: number, tls: CertificatePair | undefined): HttpServer {
    const { host: hostname } = this.#options;
    try {
      // Outside development Bun shares the port unless told not to: a second Binnacle would take half the requests.
      const exclusive = { hostname, port, reusePort: false };
      // TLS 1.2 at least is what the runtime asks for by itself, and the tests hold it to.
      const secured = tls ? { tls: { cert: tls.cert, key: tls.key } } : {};
      return Bun.serve({ ...exclusive, ...secured, idleTimeout: IDLE_SECONDS, ...this.#handlers(false) });
    } catch (cause) {
      if (errorCodeOf(cause) === "EADDRINUSE") {
        throw new AppError(
          "address_in_use",
          `${hostname} port ${port} is in use: end what listens there, or choose another with --port.`,
          { cause },
        );
      }
      throw new AppError("invalid_configuration", `Cannot listen on ${hostname} port ${port}.`, { cause });
    }
  }

  /** Made under a mask, so that there is no moment at which another user could open it. */
  #bindControl(): HttpServer | undefined {
    const { controlSocket, log } = this.#options;
    if (Buffer.byteLength(controlSocket) > MAX_UNIX_PATH_BYTES) {
      log.warning("The path of the control socket is too long; commands need --url and a token", {
        path: controlSocket,
        maxBytes: MAX_UNIX_PATH_BYTES,
      });
      return undefined;
    }
    rmSync(controlSocket, { force: true });
    const mask = process.umask(OWNER_ONLY);
    try {
      return Bun.serve({ unix: controlSocket, ...this.#handlers(true) });
    } finally {
      process.umask(mask);
    }
  }
}

/** Whether a server that takes no new connection still has some. */
const isInUse = (server: HttpServer): boolean => server.pendingRequests > 0 || server.pendingWebSockets > 0;
