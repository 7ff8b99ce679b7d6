import { reconnectDelayMs } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";

const CLOSE_NORMAL = 1000;

/** What a feed needs of a WebSocket that only listens. */
export interface LiveSocket {
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  close(code?: number, reason?: string): void;
}

export interface ReconnectDependencies {
  clock: Clock;
  /** A number from 0 up to 1, for the jitter of the delays. */
  random(): number;
}

/** What a feed does with its socket. */
export interface Feed<Socket extends LiveSocket> {
  /** Opens a socket and sets whatever it wants of it beside `onmessage` and `onclose`. */
  dial(): Socket;
  receive(data: unknown, socket: Socket): void;
  /** The socket is gone; the next is dialled after `delayMs`. `attempt` counts from 1 since the last that was well. */
  lost(attempt: number, delayMs: number): void;
}

/** A socket that is dialled again when it is lost, after a jittered delay that grows until {@link settle}. */
export class ReconnectingSocket<Socket extends LiveSocket> {
  readonly #deps: ReconnectDependencies;
  readonly #feed: Feed<Socket>;
  #socket: Socket | undefined;
  #attempt = 0;
  #cancelTimer: () => void = () => {};

  constructor(deps: ReconnectDependencies, feed: Feed<Socket>) {
    this.#deps = deps;
    this.#feed = feed;
  }

  /** Dials at once; a socket that was there is let go. */
  connect(): void {
    this.#drop();
    const socket = this.#feed.dial();
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#feed.receive(data, socket);
    socket.onclose = () => this.lose();
  }

  /** The connection is well: the next loss is the first again. */
  settle(): void {
    this.#attempt = 0;
  }

  /** Counts the socket as lost when this is not called again within `limitMs`. */
  expectWithin(limitMs: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#deps.clock.after(limitMs, () => this.lose());
  }

  /** Gives the socket up and dials again later. */
  lose(): void {
    this.#drop();
    this.#attempt += 1;
    const delayMs = reconnectDelayMs(this.#attempt, this.#deps.random());
    this.#feed.lost(this.#attempt, delayMs);
    this.#cancelTimer = this.#deps.clock.after(delayMs, () => this.connect());
  }

  /** Closes the socket and dials no more until {@link connect}. */
  close(): void {
    this.#drop();
    this.#attempt = 0;
  }

  /** Lets go of the socket without hearing of it again. */
  #drop(): void {
    this.#cancelTimer();
    if (this.#socket === undefined) return;
    this.#socket.onmessage = null;
    this.#socket.onclose = null;
    this.#socket.close(CLOSE_NORMAL);
    this.#socket = undefined;
  }
}
