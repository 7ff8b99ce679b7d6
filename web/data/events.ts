import { Observable } from "../lib/observable.ts";
import type { Api } from "./api.ts";
import { type FeedSocket, type ReconnectDependencies, ReconnectingSocket } from "./reconnecting-socket.ts";
import type { Page } from "./types.ts";

/** Something that happened. */
export interface EventRecord {
  /** Its place among all events. */
  seq: number;
  id: string;
  type: string;
  /** ISO 8601. */
  time: string;
  source: string;
  correlationId: string;
  payload: unknown;
}

/** Which events are shown. */
export interface EventFilter {
  /** Patterns; none: all. */
  types: readonly string[];
  source?: string | undefined;
  /** Of one request. */
  correlationId?: string | undefined;
}

export interface NewEvent {
  type: string;
  payload: unknown;
}

const PAGE_LIMIT = 500;
/** Events kept on a page; older ones leave at the end. */
export const MAX_KEPT = 2_000;

/** The event ring and what may be published. Every method throws ApiProblem when the server refuses. */
export class Events {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** Newest first, not older than `sinceMs` (epoch milliseconds) when that is given, at most {@link MAX_KEPT}. */
  async list({ types, source, correlationId }: EventFilter, sinceMs?: number): Promise<EventRecord[]> {
    const items: EventRecord[] = [];
    let cursor: string | undefined;
    do {
      const query = { types, source, correlationId, cursor, limit: PAGE_LIMIT };
      const page: Page<EventRecord> = await this.#api.get("/api/v3/events", { query });
      const recent = page.items.filter(({ time }) => sinceMs === undefined || Date.parse(time) >= sinceMs);
      items.push(...recent);
      cursor = recent.length < page.items.length ? undefined : (page.nextCursor ?? undefined);
    } while (cursor !== undefined && items.length < MAX_KEPT);
    return items.slice(0, MAX_KEPT);
  }

  /** The number of the newest event of all; 0 before the first. */
  async newestSeq(): Promise<number> {
    const bus = await this.#api.get<{ ring: { newestSeq: number } }>("/api/v3/event-bus");
    return bus.ring.newestSeq;
  }

  async publish(event: NewEvent): Promise<EventRecord | undefined> {
    const answer = await this.#api.post<{ items: EventRecord[] }>("/api/v3/events", { events: [event] });
    return answer.items[0];
  }
}

/** `lost` until the line stands again. */
export type TailPhase = "idle" | "connecting" | "open" | "lost";

/** Events as they happen: reconnects by itself and goes on after the last one it saw, so that none is lost. */
export class EventTail {
  readonly phase = new Observable<TailPhase>("idle");
  /** How many the server's ring no longer held when this side came back. */
  readonly missed = new Observable(0);
  readonly #deps: ReconnectDependencies;
  readonly #socket: ReconnectingSocket;
  #types: readonly string[] = [];
  #since: number | undefined;
  #onEvent: (event: EventRecord) => void = () => {};

  constructor(deps: ReconnectDependencies) {
    this.#deps = deps;
    this.#socket = new ReconnectingSocket(deps, {
      dial: () => this.#dial(),
      receive: (data) => this.#receive(data),
      lost: () => this.phase.set("lost"),
    });
  }

  /** Begins after `since` (the seq last seen); whatever was followed before is let go. */
  follow(types: readonly string[], since: number | undefined, onEvent: (event: EventRecord) => void): void {
    this.stop();
    this.#types = types;
    this.#since = since;
    this.#onEvent = onEvent;
    this.missed.set(0);
    this.phase.set("connecting");
    this.#socket.connect();
  }

  stop(): void {
    this.#socket.close();
    this.phase.set("idle");
  }

  #dial(): FeedSocket {
    const query = new URLSearchParams();
    if (this.#types.length > 0) query.set("types", this.#types.join(","));
    if (this.#since !== undefined) query.set("since", String(this.#since));
    const text = query.toString();
    return this.#deps.openSocket(`/api/v3/ws/events${text === "" ? "" : `?${text}`}`);
  }

  #receive(data: unknown): void {
    const message = parseTailMessage(data);
    if (message === undefined) return;
    this.#socket.settle();
    this.phase.set("open");
    if (message.type === "ready") this.#since ??= message.seq;
    else if (message.type === "missed") this.missed.set(this.missed.value + message.count);
    else {
      this.#since = message.event.seq;
      this.#onEvent(message.event);
    }
  }
}

type TailMessage =
  | { type: "ready"; seq: number }
  | { type: "missed"; count: number }
  | { type: "event"; event: EventRecord };

function parseTailMessage(data: unknown): TailMessage | undefined {
  if (typeof data !== "string") return undefined;
  const message: unknown = JSON.parse(data);
  if (typeof message !== "object" || message === null || !("type" in message)) return undefined;
  const isKnown = message.type === "ready" || message.type === "missed" || message.type === "event";
  return isKnown ? (message as TailMessage) : undefined;
}
