import { Observable } from "../lib/observable.ts";
import { parseLiveMessage } from "./live-message.ts";
import { type FeedSocket, type ReconnectDependencies, ReconnectingSocket } from "./reconnecting-socket.ts";
import type { LiveMessage, LiveSeries, Series, Unit } from "./types.ts";

const DEFAULT_INTERVAL_SECONDS = 5;

export interface LiveState {
  phase: "idle" | "connecting" | "open" | "lost";
  /** Failed attempts since the last open socket. */
  attempt: number;
  /** When the next attempt is due, in local epoch milliseconds. */
  retryAt: number | undefined;
  intervalSeconds: number;
}

/** One moment of all series: `values` is complete, not only what changed. */
export interface LiveSample {
  /** Server time in epoch milliseconds. */
  at: number;
  values: ReadonlyMap<string, number>;
}

/**
 * The live-metrics socket: keeps the latest value of every series, announces each sample, reconnects with a
 * jittered backoff and resumes from the last sequence number it saw.
 */
export class LiveMetrics {
  readonly state = new Observable<LiveState>({
    phase: "idle",
    attempt: 0,
    retryAt: undefined,
    intervalSeconds: DEFAULT_INTERVAL_SECONDS,
  });
  /** The latest sample; undefined until the first snapshot. */
  readonly sample = new Observable<LiveSample | undefined>(undefined);
  /** All known series by key; replaced when series appear or vanish. */
  readonly series = new Observable<ReadonlyMap<string, Series>>(new Map());
  /** Counts healed connections: who shows history reloads it to fill the hole. */
  readonly healed = new Observable(0);

  readonly #deps: ReconnectDependencies;
  readonly #socket: ReconnectingSocket;
  readonly #keyById = new Map<number, string>();
  #lastSeq: number | undefined;
  #values = new Map<string, number>();
  #clockSkewMs = 0;
  #heardAt = 0;

  constructor(deps: ReconnectDependencies) {
    this.#deps = deps;
    this.#socket = new ReconnectingSocket(deps, {
      dial: () => this.#dial(),
      receive: (data) => this.#receive(data),
      lost: (attempt, delayMs) =>
        this.#setState({ phase: "lost", attempt, retryAt: this.#deps.clock.now() + delayMs }),
    });
  }

  /** The server's present time as well as this side knows it, in epoch milliseconds. */
  now(): number {
    return this.#deps.clock.now() + this.#clockSkewMs;
  }

  /** How long ago a message came, in milliseconds; undefined before the first. */
  silenceMs(): number | undefined {
    return this.#heardAt === 0 ? undefined : this.#deps.clock.now() - this.#heardAt;
  }

  start(): void {
    if (this.state.value.phase === "idle") this.#socket.connect();
  }

  /** Closes the socket for good (sign-out) and forgets what it knew. */
  stop(): void {
    this.#socket.close();
    this.#lastSeq = undefined;
    this.#forgetSeries();
    this.sample.set(undefined);
    this.#setState({ phase: "idle", attempt: 0, retryAt: undefined });
  }

  /** The unit of the series of a name; undefined while none is measured. */
  unitOf(name: string): Unit | undefined {
    return this.series.value.values().find((series) => series.name === name)?.unit;
  }

  /** Skips the waiting: the network came back, or the reader asked. */
  retryNow(): void {
    this.#socket.retryNow();
  }

  #setState(change: Partial<LiveState>): void {
    this.state.set({ ...this.state.value, ...change });
  }

  #dial(): FeedSocket {
    this.#setState({ phase: "connecting", retryAt: undefined });
    const { intervalSeconds } = this.state.value;
    const since = this.#lastSeq === undefined ? "" : `&since=${this.#lastSeq}`;
    return this.#deps.openSocket(`/api/v3/ws/live-metrics?interval=${intervalSeconds}${since}`);
  }

  #receive(data: unknown): void {
    const message = parseLiveMessage(data);
    if (message === undefined) return;
    this.#heardAt = this.#deps.clock.now();
    if (message.type === "snapshot") this.#takeSnapshot(message);
    else if (message.type === "delta") this.#takeDelta(message);
  }

  #takeSnapshot(message: Extract<LiveMessage, { type: "snapshot" }>): void {
    this.#forgetSeries();
    this.#setState({ intervalSeconds: message.intervalSeconds });
    this.#learn(message.series);
    this.#apply(message.values);
    this.#announce(message.seq, message.at);
  }

  #takeDelta(message: Extract<LiveMessage, { type: "delta" }>): void {
    if (message.series !== undefined) this.#learn(message.series);
    if (!this.#apply(message.values)) {
      // The server speaks of series this side never met (it restarted): begin again with a snapshot.
      this.#lastSeq = undefined;
      this.#socket.connect();
      return;
    }
    this.#announce(message.seq, message.at);
  }

  #forgetSeries(): void {
    this.#keyById.clear();
    this.#values = new Map();
    this.series.set(new Map());
  }

  #learn(series: readonly LiveSeries[]): void {
    const known = new Map(this.series.value);
    for (const { id, key, name, labels, unit } of series) {
      this.#keyById.set(id, key);
      known.set(key, { key, name, labels, unit });
    }
    this.series.set(known);
  }

  /** Returns false when an id is unknown. */
  #apply(values: Record<string, number | null>): boolean {
    const next = new Map(this.#values);
    const vanished: string[] = [];
    for (const [id, value] of Object.entries(values)) {
      const key = this.#keyById.get(Number(id));
      if (key === undefined) return false;
      if (value === null) {
        next.delete(key);
        vanished.push(key);
      } else next.set(key, value);
    }
    this.#values = next;
    if (vanished.length > 0) {
      const known = new Map(this.series.value);
      for (const key of vanished) known.delete(key);
      this.series.set(known);
    }
    return true;
  }

  #announce(seq: number, at: number): void {
    const wasLost = this.state.value.attempt > 0;
    this.#lastSeq = seq;
    this.#clockSkewMs = at - this.#deps.clock.now();
    this.#socket.settle();
    this.#setState({ phase: "open", attempt: 0, retryAt: undefined });
    this.sample.set({ at, values: this.#values });
    if (wasLost) this.healed.set(this.healed.value + 1);
  }
}
