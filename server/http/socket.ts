import type { Server, ServerWebSocket, WebSocketHandler } from "bun";
import { AppError } from "../errors/app-error.ts";
import type { ErrorKind } from "../errors/catalogue.ts";
import { credentialOf, type Principal } from "../security/principal.ts";
import type { Exchange } from "./exchange.ts";
import { type Access, demand } from "./guard.ts";
import type { ConnectionHolder } from "./revocation.ts";
import { refuseForeignOrigin } from "./same-site.ts";
import type { Traffic } from "./traffic.ts";

/** Close codes of our own and of RFC 6455 that paths share. */
export const CLOSE_CODES = {
  goingAway: 1001,
  tooLarge: 1009,
  tryAgainLater: 1013,
  badMessage: 4400,
  signedOut: 4401,
} as const;

/** The close code of each family of failure, for a socket that cannot go on; the one place where the two meet. */
export const CLOSE_CODE_OF_KIND = {
  invalid: CLOSE_CODES.badMessage,
  unauthenticated: CLOSE_CODES.signedOut,
  forbidden: 4403,
  not_found: 4404,
  method_not_allowed: 4405,
  conflict: 4409,
  too_large: CLOSE_CODES.tooLarge,
  unsupported_media: 4415,
  misdirected: 4421,
  unprocessable: 4422,
  rate_limited: 4429,
  unavailable: CLOSE_CODES.tryAgainLater,
  internal: 4500,
} as const satisfies Record<ErrorKind, number>;

/** What the protocol lets a reason have. */
const MAX_REASON_BYTES = 123;

/** Ends a socket because of `error`: its family as the code, its public sentence, cut, as the reason. */
export function closeFor(socket: { close(code: number, reason: string): void }, error: AppError): void {
  const reason = Buffer.from(error.message)
    .subarray(0, MAX_REASON_BYTES)
    .toString("utf8")
    .replace(/\ufffd+$/, "");
  socket.close(CLOSE_CODE_OF_KIND[error.kind], reason);
}

/** Whether a frame is `{"type":"ping"}`: browsers send no pings of the protocol, nor see them answered. */
export function isPing(message: string | Buffer): boolean {
  if (typeof message !== "string") return false;
  try {
    const parsed: unknown = JSON.parse(message);
    return typeof parsed === "object" && parsed !== null && "type" in parsed && parsed.type === "ping";
  } catch {
    return false;
  }
}

/** Most bytes a frame may have on any path; a path may ask for less. */
const MAX_FRAME_BYTES = 256 * 1024;
/** A socket that answers no ping for this long is gone. Bun knows one value for all paths. */
const IDLE_SECONDS = 120;
/** What may wait in one socket's send buffer before Bun drops it. */
const MAX_BACKPRESSURE_BYTES = 4 * 1024 * 1024;

/** An open socket; `data.state` is what the path keeps about it. */
export type Socket<State> = ServerWebSocket<SocketTicket<State>>;

/** What a socket carries: small, since there may be ten thousand. */
export interface SocketTicket<State = unknown> {
  readonly route: SocketRoute<State>;
  readonly principal: Principal;
  state: State;
}

/** One WebSocket path. */
export interface SocketRoute<State = unknown> {
  path: string;
  access: Access;
  /** One sentence for the documentation. */
  summary: string;
  /** Largest message a client may send. */
  maxMessageBytes: number;
  /** The subprotocol that is chosen when the client offers it; a client that does not offer it is refused. */
  protocol?: string;
  /** Reads and checks the URL before the upgrade; what it returns becomes `data.state`. @throws AppError */
  prepare(url: URL, exchange: Exchange): State;
  open(socket: Socket<State>): void;
  message(socket: Socket<State>, message: string | Buffer): void;
  /** The send buffer has room again. */
  drain?(socket: Socket<State>): void;
  close(socket: Socket<State>, code: number, reason: string): void;
}

/** Types a route by its state, and lets it stand among routes of other states. */
export function socketRoute<State>(route: SocketRoute<State>): SocketRoute {
  return route as unknown as SocketRoute;
}

/** The WebSocket paths, and every socket that is open: upgrades, dispatches, ends them all at once. */
export class Sockets implements ConnectionHolder {
  readonly #routes: ReadonlyMap<string, SocketRoute>;
  readonly #open = new Map<string, Set<Socket<unknown>>>();
  readonly #traffic: Pick<Traffic, "socketsOpen">;
  onOpen: ConnectionHolder["onOpen"] = () => undefined;

  /** @param traffic is kept informed of how many are open. */
  constructor(routes: readonly SocketRoute[], traffic: Pick<Traffic, "socketsOpen">) {
    this.#traffic = traffic;
    this.#routes = new Map(routes.map((route) => [route.path, route]));
  }

  get routes(): readonly SocketRoute[] {
    return [...this.#routes.values()];
  }

  /** The path's route when `request` asks for an upgrade there. */
  find(exchange: Exchange): SocketRoute | undefined {
    const route = this.#routes.get(exchange.path);
    if (!route || exchange.request.headers.get("upgrade")?.toLowerCase() !== "websocket") return undefined;
    return route;
  }

  /**
   * Guards, then upgrades.
   * @throws AppError `unauthenticated`, `scope_missing`, `cross_site_request`, `invalid_request`, and what `prepare` throws.
   */
  upgrade(route: SocketRoute, exchange: Exchange, server: Server<SocketTicket>): void {
    const { request, principal } = exchange;
    refuseForeignOrigin(exchange);
    demand(route.access, exchange);
    const offered = request.headers.get("sec-websocket-protocol")?.split(/\s*,\s*/) ?? [];
    if (route.protocol !== undefined && !offered.includes(route.protocol)) {
      throw new AppError("invalid_request", `This socket speaks the subprotocol ${route.protocol}.`);
    }
    const state = route.prepare(new URL(request.url), exchange);
    const headers = {
      "x-correlation-id": exchange.correlationId,
      ...(route.protocol === undefined ? {} : { "sec-websocket-protocol": route.protocol }),
    };
    const upgraded = server.upgrade(request, { data: { route, principal, state }, headers });
    if (!upgraded) throw new AppError("invalid_request", "This is not a complete WebSocket handshake.");
    this.onOpen(exchange);
  }

  /** What `Bun.serve` calls: one handler that dispatches by route. */
  get handler(): WebSocketHandler<SocketTicket> {
    return {
      maxPayloadLength: MAX_FRAME_BYTES,
      idleTimeout: IDLE_SECONDS,
      backpressureLimit: MAX_BACKPRESSURE_BYTES,
      closeOnBackpressureLimit: true,
      sendPings: true,
      // One compressor for all sockets costs them no memory; a path compresses where it says so in `send`.
      perMessageDeflate: { compress: "shared", decompress: "shared" },
      open: (socket) => {
        this.#add(socket);
        socket.data.route.open(socket);
      },
      message: (socket, message) => {
        const { route } = socket.data;
        const sizeBytes = typeof message === "string" ? Buffer.byteLength(message) : message.length;
        if (sizeBytes > route.maxMessageBytes)
          socket.close(CLOSE_CODES.tooLarge, "That message is too large.");
        else route.message(socket, message);
      },
      drain: (socket) => socket.data.route.drain?.(socket),
      close: (socket, code, reason) => {
        this.#remove(socket);
        socket.data.route.close(socket, code, reason);
      },
    };
  }

  has(credential: string): boolean {
    return this.#open.has(credential);
  }

  end(credential: string): void {
    for (const socket of [...(this.#open.get(credential) ?? [])]) {
      socket.close(CLOSE_CODES.signedOut, "The session or token has ended.");
    }
  }

  /** Ends all sockets because the server stops. */
  closeAll(): void {
    for (const sockets of [...this.#open.values()]) {
      for (const socket of [...sockets]) socket.close(CLOSE_CODES.goingAway, "The server is stopping.");
    }
  }

  #add(socket: Socket<unknown>): void {
    const key = credentialOf(socket.data.principal);
    const sockets = this.#open.get(key) ?? new Set();
    this.#open.set(key, sockets.add(socket));
    this.#traffic.socketsOpen++;
  }

  #remove(socket: Socket<unknown>): void {
    const key = credentialOf(socket.data.principal);
    const sockets = this.#open.get(key);
    if (!sockets?.delete(socket)) return;
    this.#traffic.socketsOpen--;
    if (sockets.size === 0) this.#open.delete(key);
  }
}
