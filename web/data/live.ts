import { reconnectDelayMs } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import { Observable } from "../lib/observable.ts";
import { parseLiveMessage } from "./live-message.ts";
import type { LiveMessage, LiveSeries, Series } from "./types.ts";

const DEFAULT_INTERVAL_SECONDS = 5;
/** A socket that was silent for this many intervals is half-open: it is closed and dialled again. */
const SILENT_INTERVALS = 3;
const SILENCE_FLOOR_MS = 15_000;
const CLOSE_NORMAL = 1000;

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

export interface LiveSocket {
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  close(code?: number, reason?: string): void;
}

export interface LiveDependencies {
  openSocket(path: string): LiveSocket;
  clock: Clock;
  random(): number;
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

  readonly #deps: LiveDependencies;
  readonly #keyById = new Map<number, string>();
  #socket: LiveSocket | undefined;
  #lastSeq: number | undefined;
  #values = new Map<string, number>();
  #cancelTimer: () => void = () => {};
  #clockSkewMs = 0;
  #heardAt = 0;

  constructor(deps: LiveDependencies) {
    this.#deps = deps;
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
    if (this.state.value.phase === "idle") this.#connect();
  }

  /** Closes the socket for good (sign-out) and forgets what it knew. */
  stop(): void {
    this.#drop();
    this.#lastSeq = undefined;
    this.#forgetSeries();
    this.sample.set(undefined);
    this.#setState({ phase: "idle", attempt: 0, retryAt: undefined });
  }

  /** Skips the waiting: the network came back, or the reader asked. */
  retryNow(): void {
    if (this.state.value.phase === "lost") this.#connect();
  }

  #setState(change: Partial<LiveState>): void {
    this.state.set({ ...this.state.value, ...change });
  }

  #connect(): void {
    this.#drop();
    this.#setState({ phase: "connecting", retryAt: undefined });
    const { intervalSeconds } = this.state.value;
    const since = this.#lastSeq === undefined ? "" : `&since=${this.#lastSeq}`;
    const socket = this.#deps.openSocket(`/api/v3/ws/live-metrics?interval=${intervalSeconds}${since}`);
    this.#socket = socket;
    socket.onmessage = (event) => this.#receive(event.data);
    socket.onclose = () => this.#lose();
    this.#watchSilence();
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

  #lose(): void {
    this.#drop();
    const attempt = this.state.value.attempt + 1;
    const delayMs = reconnectDelayMs(attempt, this.#deps.random());
    this.#setState({ phase: "lost", attempt, retryAt: this.#deps.clock.now() + delayMs });
    this.#cancelTimer = this.#deps.clock.after(delayMs, () => this.#connect());
  }

  #watchSilence(): void {
    this.#cancelTimer();
    const limitMs = Math.max(SILENCE_FLOOR_MS, this.state.value.intervalSeconds * 1000 * SILENT_INTERVALS);
    this.#cancelTimer = this.#deps.clock.after(limitMs, () => this.#lose());
  }

  #receive(data: unknown): void {
    const message = parseLiveMessage(data);
    if (message === undefined) return;
    this.#heardAt = this.#deps.clock.now();
    this.#watchSilence();
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
      this.#connect();
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
    this.#setState({ phase: "open", attempt: 0, retryAt: undefined });
    this.sample.set({ at, values: this.#values });
    if (wasLost) this.healed.set(this.healed.value + 1);
  }
}
