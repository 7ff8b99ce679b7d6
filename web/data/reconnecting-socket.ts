import { reconnectDelayMs } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import type { Observable } from "../lib/observable.ts";

const CLOSE_NORMAL = 1000;
/** A socket that does not open within this is given up: the network may swallow what is sent into it. */
const OPEN_LIMIT_MS = 10_000;
/** A server that said nothing for this long is asked whether it is there. */
const QUIET_MS = 10_000;
/** One that does not answer within this is lost: the line is half-open since a sleep, or behind a network that went away. */
const ANSWER_LIMIT_MS = 5_000;
/** Every feed of the server answers it, graphql-transport-ws as well as its own. */
const PING = JSON.stringify({ type: "ping" });

/** What a feed needs of a WebSocket. */
export interface FeedSocket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

export interface ReconnectDependencies {
  openSocket(path: string, protocol?: string): FeedSocket;
  clock: Clock;
  /** A number from 0 up to 1, for the jitter of the delays. */
  random(): number;
  /** Changes when the machine or its network came back: lines that look well may be dead, lost ones may be had again. */
  woken?: Pick<Observable<unknown>, "subscribe">;
}

/** What a feed does with its socket. */
export interface Feed {
  /** Opens a socket; what it hears is for this class to say. */
  dial(): FeedSocket;
  /** The socket stands: what is to be said first is said here. */
  opened?(socket: FeedSocket): void;
  receive(data: unknown, socket: FeedSocket): void;
  /** The socket is gone; the next is dialled after `delayMs`. `attempt` counts from 1 since the last that was well. */
  lost(attempt: number, delayMs: number): void;
}

/**
 * A socket that is dialled again when it is lost, after a jittered delay that grows until {@link settle}. A line that
 * went silent is asked by a ping and counts as lost without an answer, 15 s after its last word.
 */
export class ReconnectingSocket {
  readonly #deps: ReconnectDependencies;
  readonly #feed: Feed;
  #socket: FeedSocket | undefined;
  #isOpen = false;
  #isLost = false;
  #attempt = 0;
  #cancelTimer: () => void = () => {};
  #stopWaking: (() => void) | undefined;

  constructor(deps: ReconnectDependencies, feed: Feed) {
    this.#deps = deps;
    this.#feed = feed;
  }

  /** Dials at once; a socket that was there is let go. */
  connect(): void {
    this.#drop();
    this.#isLost = false;
    this.#stopWaking ??= this.#deps.woken?.subscribe(() => this.#wake());
    const socket = this.#feed.dial();
    this.#socket = socket;
    this.#expectWithin(OPEN_LIMIT_MS);
    socket.onopen = () => {
      this.#hear();
      this.#feed.opened?.(socket);
    };
    socket.onmessage = ({ data }) => {
      this.#hear();
      this.#feed.receive(data, socket);
    };
    socket.onclose = () => this.lose();
  }

  /** The connection is well: the next loss is the first again. */
  settle(): void {
    this.#attempt = 0;
  }

  /** Gives the socket up and dials again later. */
  lose(): void {
    this.#drop();
    this.#isLost = true;
    this.#attempt += 1;
    const delayMs = reconnectDelayMs(this.#attempt, this.#deps.random());
    this.#cancelTimer = this.#deps.clock.after(delayMs, () => this.connect());
    this.#feed.lost(this.#attempt, delayMs);
  }

  /** Skips the waiting when the socket is lost. */
  retryNow(): void {
    if (this.#isLost) this.connect();
  }

  /** Closes the socket and dials no more until {@link connect}. */
  close(): void {
    this.#drop();
    this.#stopWaking?.();
    this.#stopWaking = undefined;
    this.#isLost = false;
    this.#attempt = 0;
  }

  #hear(): void {
    this.#isOpen = true;
    this.#cancelTimer();
    this.#cancelTimer = this.#deps.clock.after(QUIET_MS, () => this.#ask());
  }

  #ask(): void {
    this.#socket?.send(PING);
    this.#expectWithin(ANSWER_LIMIT_MS);
  }

  #wake(): void {
    if (this.#isLost) this.connect();
    else if (this.#isOpen) this.#ask();
  }

  #expectWithin(limitMs: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#deps.clock.after(limitMs, () => this.lose());
  }

  /** Lets go of the socket without hearing of it again. */
  #drop(): void {
    this.#cancelTimer();
    this.#isOpen = false;
    if (this.#socket === undefined) return;
    this.#socket.onopen = null;
    this.#socket.onmessage = null;
    this.#socket.onclose = null;
    this.#socket.close(CLOSE_NORMAL);
    this.#socket = undefined;
  }
}
