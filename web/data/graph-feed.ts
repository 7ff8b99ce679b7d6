import { Observable } from "../lib/observable.ts";
import { type FeedSocket, type ReconnectDependencies, ReconnectingSocket } from "./reconnecting-socket.ts";

const PATH = "/graphql";
const PROTOCOL = "graphql-transport-ws";
const SUBSCRIPTION_ID = "1";

/** `lost` until the line stands again. */
export type FeedPhase = "idle" | "connecting" | "open" | "lost" | "refused";

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
  readonly #socket: ReconnectingSocket;
  #subscription: Subscription | undefined;
  #onData: (data: Data) => void = () => {};
  #onOpen: () => void = () => {};

  constructor(deps: ReconnectDependencies) {
    this.#socket = new ReconnectingSocket(deps, {
      dial: () => deps.openSocket(PATH, PROTOCOL),
      opened: (socket) => socket.send(JSON.stringify({ type: "connection_init" })),
      receive: (data, socket) => this.#receive(data, socket),
      lost: () => this.phase.set("lost"),
    });
  }

  /** Whatever was followed before is let go. `onOpen` is called with each connection made. */
  follow(subscription: Subscription, onData: (data: Data) => void, onOpen: () => void = () => {}): void {
    this.stop();
    this.#subscription = subscription;
    this.#onData = onData;
    this.#onOpen = onOpen;
    this.phase.set("connecting");
    this.#socket.connect();
  }

  stop(): void {
    this.#socket.close();
    this.#subscription = undefined;
    this.phase.set("idle");
  }

  #receive(data: unknown, socket: FeedSocket): void {
    const message = parse(data);
    switch (message?.type) {
      case "connection_ack":
        this.#socket.settle();
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
        this.#socket.close();
        this.phase.set("refused");
        return;
      case "complete":
        this.#socket.lose();
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
