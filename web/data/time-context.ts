import { Observable } from "../lib/observable.ts";
import {
  DEFAULT_RANGE,
  isGrowing,
  resolveRange,
  type TimeRange,
  type TimeWindow,
} from "../lib/time-range.ts";

const ZOOM_HISTORY_LIMIT = 50;
/** Windows end on whole seconds, so that charts asking in the same instant can share one request. */
const WINDOW_STEP_MS = 1000;

export interface TimeState {
  range: TimeRange;
  /** Set while the reader holds a moving range still: the server time at which it stands. */
  pausedAtMs: number | undefined;
  /** When measuring began, while that is so fresh that a short range begins there. */
  beganAtMs: number | undefined;
}

/** The time that all charts share: range, live or paused, and the way back out of a zoom. */
export class TimeContext {
  readonly state = new Observable<TimeState>({
    range: DEFAULT_RANGE,
    pausedAtMs: undefined,
    beganAtMs: undefined,
  });
  readonly #now: () => number;
  #zoomedFrom: TimeRange[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  now(): number {
    return this.#now();
  }

  /** True while new samples should move the charts. */
  get isLive(): boolean {
    return this.state.value.range.kind === "last" && this.state.value.pausedAtMs === undefined;
  }

  window(): TimeWindow {
    const { range, pausedAtMs, beganAtMs } = this.state.value;
    const toMs = Math.ceil((pausedAtMs ?? this.now()) / WINDOW_STEP_MS) * WINDOW_STEP_MS;
    return resolveRange(range, toMs, beganAtMs);
  }

  /** True while the range begins at the first sample instead of where its length would put it. */
  get isGrowing(): boolean {
    const { range, pausedAtMs, beganAtMs } = this.state.value;
    return isGrowing(range, pausedAtMs ?? this.now(), beganAtMs);
  }

  /** Lets short ranges begin at `beganAtMs`; undefined once enough is known. */
  begin(beganAtMs: number | undefined): void {
    if (beganAtMs !== this.state.value.beganAtMs) this.state.set({ ...this.state.value, beganAtMs });
  }

  /** Chooses a range outright; forgets the zoom steps. */
  choose(range: TimeRange): void {
    this.#zoomedFrom = [];
    this.#show(range);
  }

  /** Narrows to a window and remembers the way back. */
  zoom(window: TimeWindow): void {
    this.#zoomedFrom = [...this.#zoomedFrom, this.state.value.range].slice(-ZOOM_HISTORY_LIMIT);
    // Whole milliseconds, as the address writes them: what is read back from there is then the same range.
    const range: TimeRange = {
      kind: "absolute",
      fromMs: Math.round(window.fromMs),
      toMs: Math.round(window.toMs),
    };
    this.#show(range);
  }

  /** Undoes the last zoom; without one, an absolute window returns to the default range. */
  zoomBack(): void {
    const previous = this.#zoomedFrom.pop();
    if (previous !== undefined) this.#show(previous);
    else if (this.state.value.range.kind === "absolute") this.choose(DEFAULT_RANGE);
  }

  /** Live ↔ paused; from a fixed window it goes back to the live default. */
  togglePause(): void {
    const { range, pausedAtMs } = this.state.value;
    if (range.kind === "absolute") this.choose(DEFAULT_RANGE);
    else this.#show(range, pausedAtMs === undefined ? this.now() : undefined);
  }

  #show(range: TimeRange, pausedAtMs?: number): void {
    this.state.set({ range, pausedAtMs, beganAtMs: this.state.value.beganAtMs });
  }
}
