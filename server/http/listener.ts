import { rmSync } from "node:fs";
import type { Server } from "bun";
import { AppError, errorCodeOf } from "../errors/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../logs/logger.ts";
import type { Sockets, SocketTicket } from "./socket.ts";

/** Bun's own limit stands above ours, which answers with a problem; it ends bodies that lie about their size. */
const HARD_BODY_LIMIT_BYTES = 80 * 1024 * 1024;
/** Event streams send a ping more often than this. */
const IDLE_SECONDS = 30;
/** Linux: `sun_path` holds 107 bytes and a NUL. */
const MAX_UNIX_PATH_BYTES = 107;
const OWNER_ONLY = 0o177;
const DRAIN_POLL_MS = 20;

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
  #control: HttpServer | undefined;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** `http://127.0.0.1:8000`: where it listens, or before it does, where it is going to. */
  get address(): string {
    const { hostname = "127.0.0.1", port } = this.#tcp ?? {
      hostname: this.#options.host,
      port: this.#options.port,
    };
    return `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
  }

  get port(): number {
    return this.#tcp?.port ?? 0;
  }

  /** @throws AppError `address_in_use`, `invalid_configuration` */
  start(): void {
    this.#tcp = this.#bindTcp();
    this.#control = this.#bindControl();
  }

  /** Takes no new connection; waits until what is under way is answered, or the time is over; then closes all. */
  async stop(drainMs: number): Promise<void> {
    const servers = [this.#tcp, this.#control].filter((server) => server !== undefined);
    const { clock, controlSocket } = this.#options;
    for (const server of servers) server.stop(false).catch(() => undefined);
    const deadline = clock.monotonic() + drainMs;
    while (servers.some((server) => server.pendingRequests > 0) && clock.monotonic() < deadline) {
      await new Promise<void>((resolve) => clock.after(DRAIN_POLL_MS, resolve));
    }
    await Promise.all(servers.map((server) => server.stop(true)));
    if (this.#control) rmSync(controlSocket, { force: true });
    this.#tcp = undefined;
    this.#control = undefined;
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
  #bindTcp(): HttpServer {
    const { host: hostname, port } = this.#options;
    try {
      // Outside development Bun shares the port unless told not to: a second Binnacle would take half the requests.
      const exclusive = { hostname, port, reusePort: false };
      return Bun.serve({ ...exclusive, idleTimeout: IDLE_SECONDS, ...this.#handlers(false) });
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
