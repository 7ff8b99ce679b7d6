import type { Clock } from "../lib/clock.ts";
import { Observable } from "../lib/observable.ts";
import { type AttentionItem, judge } from "./attention-rules.ts";
import type { Incident } from "./incidents.ts";
import type { LiveMetrics } from "./live.ts";

/** Without a sample the age of the last one still grows: the rules are asked again this often. */
const RECHECK_MS = 5000;
/** A dashboard that has not yet had its first connection is not an alarm. */
const LOST_AFTER_ATTEMPTS = 2;

/** What needs a person, kept up to date from the live values. */
export class Attention {
  readonly items = new Observable<readonly AttentionItem[]>([]);
  /** Number of processors, once known: load is judged against it. */
  cores: number | undefined;
  /** Faults of Binnacle's own that nobody has settled. */
  openErrors: readonly Incident[] = [];
  /** What plugins need of a person. */
  plugins: readonly AttentionItem[] = [];
  /** Alerts that fire, and what they speak of. */
  alerts: readonly AttentionItem[] = [];
  covered: ReadonlySet<string> = new Set();
  readonly #live: LiveMetrics;
  readonly #clock: Clock;
  readonly #firstSeen = new Map<string, number | undefined>();
  #hasLooked = false;

  constructor(live: LiveMetrics, clock: Clock) {
    this.#live = live;
    this.#clock = clock;
    live.sample.subscribe(() => this.look());
    live.state.subscribe(() => this.look());
    this.#recheckLater();
  }

  /** Judges the present situation and announces it when something changed. */
  look(): void {
    const live = this.#live;
    const state = live.state.value;
    const sample = live.sample.value;
    if (state.phase === "idle") {
      this.#reset();
      return;
    }
    const items = judge({
      series: live.series.value,
      values: sample?.values ?? new Map(),
      cores: this.cores,
      openErrors: this.openErrors,
      plugins: this.plugins,
      alerts: this.alerts,
      covered: this.covered,
      sampleAgeMs: sample === undefined ? undefined : live.silenceMs(),
      intervalSeconds: state.intervalSeconds,
      isConnectionLost: state.attempt >= LOST_AFTER_ATTEMPTS,
    });
    this.items.set(this.#dated(items, sample !== undefined));
  }

  #dated(items: AttentionItem[], hasSample: boolean): AttentionItem[] {
    const present = new Set(items.map((item) => item.id));
    for (const id of [...this.#firstSeen.keys()]) if (!present.has(id)) this.#firstSeen.delete(id);
    const dated = items.map((item) => {
      if (!this.#firstSeen.has(item.id))
        this.#firstSeen.set(item.id, this.#hasLooked ? this.#live.now() : undefined);
      const sinceMs = this.#firstSeen.get(item.id);
      return sinceMs === undefined || item.sinceMs !== undefined ? item : { ...item, sinceMs };
    });
    this.#hasLooked ||= hasSample;
    return dated;
  }

  #reset(): void {
    this.#firstSeen.clear();
    this.#hasLooked = false;
    if (this.items.value.length > 0) this.items.set([]);
  }

  #recheckLater(): void {
    this.#clock.after(RECHECK_MS, () => {
      this.look();
      this.#recheckLater();
    });
  }
}
