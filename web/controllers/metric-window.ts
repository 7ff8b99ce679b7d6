import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { LiveMetrics } from "../data/live.ts";
import type { Metrics } from "../data/metrics.ts";
import { type ApiProblem, asProblem } from "../data/problem.ts";
import type { TimeContext } from "../data/time-context.ts";
import { appendSample, EMPTY_FRAME, type Frame, frameOf } from "../lib/frame.ts";
import type { TimeWindow } from "../lib/time-range.ts";

/** After so many live samples the window is asked for again, in the server's buckets. */
const RELOAD_AFTER_SAMPLES = 400;

export interface MetricSources {
  metrics: Metrics;
  live: LiveMetrics;
  time: TimeContext;
}

/**
 * History plus live samples of some series over the shared time window: loads when keys or window change,
 * appends each live sample, and fills the hole after a lost connection.
 */
export class MetricWindow implements ReactiveController {
  frame: Frame = EMPTY_FRAME;
  window: TimeWindow = { fromMs: 0, toMs: 1 };
  problem: ApiProblem | undefined;
  /** False until the first answer for the present keys. */
  isReady = false;
  /** True when buckets hold more than one sample, so that a min/max band says something. */
  hasBands = false;

  readonly #host: ReactiveControllerHost;
  readonly #sources: () => MetricSources;
  readonly #points: number;
  #keys: readonly string[] = [];
  #turn = 0;
  #samplesAppended = 0;
  #stops: (() => void)[] = [];

  constructor(host: ReactiveControllerHost, sources: () => MetricSources, points: number) {
    this.#host = host;
    this.#sources = sources;
    this.#points = points;
    host.addController(this);
  }

  hostConnected(): void {
    const { live, time } = this.#sources();
    this.#stops = [
      live.sample.subscribe(() => this.#append()),
      live.healed.subscribe(() => this.reload()),
      time.state.subscribe(() => this.reload()),
    ];
    if (this.#keys.length > 0) this.reload();
  }

  hostDisconnected(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
    this.#turn += 1;
  }

  /** Chooses the series to show; loads only when they differ from the present ones. */
  show(keys: readonly string[]): void {
    if (keys.length === this.#keys.length && keys.every((key, index) => key === this.#keys[index])) return;
    this.#keys = [...keys];
    this.isReady = false;
    this.reload();
  }

  reload(): void {
    void this.#load();
  }

  async #load(): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    const { metrics, time } = this.#sources();
    const window = time.window();
    const keys = this.#keys;
    if (keys.length === 0) {
      this.#become(EMPTY_FRAME, window);
      return;
    }
    try {
      const histories = await metrics.history({ keys, ...window, points: this.#points });
      if (turn !== this.#turn) return;
      this.hasBands = [...histories.values()].some((history) => isBucketed(history.min, history.max));
      this.#samplesAppended = 0;
      this.#become(frameOf(keys, histories), window);
      this.#append();
    } catch (error) {
      if (turn !== this.#turn) return;
      this.problem = asProblem(error);
      this.#host.requestUpdate();
    }
  }

  #append(): void {
    const { live, time } = this.#sources();
    const sample = live.sample.value;
    if (sample === undefined || !time.isLive || !this.isReady) return;
    this.window = time.window();
    this.frame = appendSample(
      this.frame,
      sample,
      this.window.fromMs,
      live.state.value.intervalSeconds * 1000,
    );
    this.#host.requestUpdate();
    this.#samplesAppended += 1;
    if (this.#samplesAppended > RELOAD_AFTER_SAMPLES) this.reload();
  }

  #become(frame: Frame, window: TimeWindow): void {
    this.frame = frame;
    this.window = window;
    this.problem = undefined;
    this.isReady = true;
    this.#host.requestUpdate();
  }
}

function isBucketed(min: readonly (number | null)[], max: readonly (number | null)[]): boolean {
  return min.some((value, index) => value !== null && value !== max[index]);
}
