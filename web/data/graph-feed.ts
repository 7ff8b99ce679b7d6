import { reconnectDelayMs } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import { Observable } from "../lib/observable.ts";
import type { SpeakingSocket } from "./live-socket.ts";

const PATH = "/graphql";
const PROTOCOL = "graphql-transport-ws";
const CLOSE_NORMAL = 1000;
const SUBSCRIPTION_ID = "1";

export type FeedPhase = "idle" | "connecting" | "open" | "lost" | "refused";

export interface FeedDependencies {
  openSocket(path: string, protocol: string): SpeakingSocket;
  clock: Clock;
  random(): number;
}

/** A GraphQL subscription as a document and its variables. */
export interface Subscription {
  query: string;
  variables: Readonly<Record<string, unknown>>;
}

/**
 * One GraphQL subscription over a WebSocket (graphql-transport-ws). It reconnects by itself; what happened meanwhile is for
 * the follower to ask for, who is told by `onOpen` each time.
 */
export class GraphFeed<Data> {
  readonly phase = new Observable<FeedPhase>("idle");
  readonly #deps: FeedDependencies;
  #socket: SpeakingSocket | undefined;
  #subscription: Subscription | undefined;
  #attempt = 0;
  #cancelTimer: () => void = () => {};
  #onData: (data: Data) => void = () => {};
  #onOpen: () => void = () => {};

  constructor(deps: FeedDependencies) {
    this.#deps = deps;
  }

  /** Whatever was followed before is let go. `onOpen` is called with each connection made. */
  follow(subscription: Subscription, onData: (data: Data) => void, onOpen: () => void = () => {}): void {
    this.stop();
    this.#subscription = subscription;
    this.#onData = onData;
    this.#onOpen = onOpen;
    this.#connect();
  }

  stop(): void {
    this.#drop();
    this.#subscription = undefined;
    this.#attempt = 0;
    this.phase.set("idle");
  }

  #connect(): void {
    this.#drop();
    this.phase.set("connecting");
    const socket = this.#deps.openSocket(PATH, PROTOCOL);
    this.#socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ type: "connection_init" }));
    socket.onmessage = ({ data }) => this.#receive(data, socket);
    socket.onclose = () => this.#lose();
  }

  #drop(): void {
    this.#cancelTimer();
    if (this.#socket === undefined) return;
    this.#socket.onopen = null;
    this.#socket.onmessage = null;
    this.#socket.onclose = null;
    this.#socket.close(CLOSE_NORMAL);
    this.#socket = undefined;
  }

  #lose(): void {
    this.#drop();
    this.#attempt += 1;
    this.phase.set("lost");
    const delayMs = reconnectDelayMs(this.#attempt, this.#deps.random());
    this.#cancelTimer = this.#deps.clock.after(delayMs, () => this.#connect());
  }

  #receive(data: unknown, socket: SpeakingSocket): void {
    const message = parse(data);
    switch (message?.type) {
      case "connection_ack":
        this.#attempt = 0;
        this.phase.set("open");
        socket.send(JSON.stringify({ id: SUBSCRIPTION_ID, type: "subscribe", payload: this.#subscription }));
        this.#onOpen();
        return;
      case "ping":
        socket.send(JSON.stringify({ type: "pong" }));
        return;
      case "next":
        // The shape is that of the document this side sent.
        if (message.data !== undefined) this.#onData(message.data as Data);
        return;
      case "error":
        // The document is refused, as it would be the next time.
        this.#drop();
        this.phase.set("refused");
        return;
      case "complete":
        this.#lose();
        return;
      default:
    }
  }
}

function parse(data: unknown): { type: unknown; data: unknown } | undefined {
  if (typeof data !== "string") return undefined;
  try {
    const message: unknown = JSON.parse(data);
    if (typeof message !== "object" || message === null) return undefined;
    const payload: unknown = Reflect.get(message, "payload");
    const isFilled = typeof payload === "object" && payload !== null;
    return { type: Reflect.get(message, "type"), data: isFilled ? Reflect.get(payload, "data") : undefined };
  } catch {
    return undefined;
  }
}
