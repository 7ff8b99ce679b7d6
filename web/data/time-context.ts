import { Observable } from "../lib/observable.ts";
import { DEFAULT_RANGE, resolveRange, type TimeRange, type TimeWindow } from "../lib/time-range.ts";

const ZOOM_HISTORY_LIMIT = 50;
/** Windows end on whole seconds, so that charts asking in the same instant can share one request. */
const WINDOW_STEP_MS = 1000;

export interface TimeState {
  range: TimeRange;
  /** Set while the reader holds a moving range still: the server time at which it stands. */
  pausedAtMs: number | undefined;
}

/** The time that all charts share: range, live or paused, and the way back out of a zoom. */
export class TimeContext {
  readonly state = new Observable<TimeState>({ range: DEFAULT_RANGE, pausedAtMs: undefined });
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
    const { range, pausedAtMs } = this.state.value;
    return resolveRange(range, Math.ceil((pausedAtMs ?? this.now()) / WINDOW_STEP_MS) * WINDOW_STEP_MS);
  }

  /** Chooses a range outright; forgets the zoom steps. */
  choose(range: TimeRange): void {
    this.#zoomedFrom = [];
    this.state.set({ range, pausedAtMs: undefined });
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
    this.state.set({ range, pausedAtMs: undefined });
  }

  /** Undoes the last zoom; without one, an absolute window returns to the default range. */
  zoomBack(): void {
    const previous = this.#zoomedFrom.pop();
    if (previous !== undefined) this.state.set({ range: previous, pausedAtMs: undefined });
    else if (this.state.value.range.kind === "absolute") this.choose(DEFAULT_RANGE);
  }

  /** Live ↔ paused; from a fixed window it goes back to the live default. */
  togglePause(): void {
    const { range, pausedAtMs } = this.state.value;
    if (range.kind === "absolute") this.choose(DEFAULT_RANGE);
    else this.state.set({ range, pausedAtMs: pausedAtMs === undefined ? this.now() : undefined });
  }
}
