import type { Measurement } from "../../metrics/collect/collector.ts";
import type { SeriesUnit } from "../../metrics/series.ts";
import { type Alert, fingerprintOf, type NewAlert } from "../alert.ts";
import type { MetricCondition, Rule } from "../definitions/schemas.ts";
import { evaluate, GONE_MS, newSeriesState, recentValuesFor, type SeriesState } from "./evaluate.ts";
import type { RecentValues } from "./recent-values.ts";
import { sentenceOf } from "./words.ts";

export type MetricRule = Rule & { condition: MetricCondition };

/** What somebody should hear of one series. */
export type Turn = { to: "firing"; alert: NewAlert } | { to: "resolved" };

/** How much of what a rule speaks of it looks at. */
export interface Coverage {
  /** Series that it follows. */
  followed: number;
  /** Series that it leaves out, since it follows as many as it may. */
  leftOut: number;
}

/** One series under the rule. */
interface Followed {
  /** Of the alert it raises. */
  fingerprint: string;
  key: string;
  labels: Readonly<Record<string, string>>;
  /** Undefined for what was not measured since the start. */
  unit: SeriesUnit | undefined;
  state: SeriesState;
  recent: RecentValues | undefined;
}

/** The series of one rule, evaluated with every sampling. */
export class RuleWatch {
  readonly rule: MetricRule;
  readonly #turned: (fingerprint: string, turn: Turn) => void;
  readonly #wanted: readonly (readonly [string, string])[];
  /** By the key of the series. */
  readonly #followed = new Map<string, Followed>();
  /** What fired before the start, by fingerprint, until its series is met. */
  readonly #restored = new Map<string, Followed>();
  /** Stands for a series that was never there, under a rule over absence. */
  #nothing: Followed | undefined;
  #maxSeries = 0;
  #leftOut = 0;

  /** @param turned hears, at once, of each series that begins or ends to fire */
  constructor(rule: MetricRule, turned: (fingerprint: string, turn: Turn) => void) {
    this.rule = rule;
    this.#turned = turned;
    this.#wanted = Object.entries(rule.condition.series.labels ?? {});
  }

  get coverage(): Coverage {
    return { followed: this.#size, leftOut: this.#leftOut };
  }

  get #size(): number {
    return this.#followed.size + this.#restored.size;
  }

  /** Follows no more series than this; of those that it follows already, what fires stays. */
  limitTo(maxSeries: number): void {
    this.#maxSeries = maxSeries;
    for (const [key, { state }] of this.#followed) {
      if (this.#size <= maxSeries) return;
      if (!state.isFiring) this.#followed.delete(key);
    }
  }

  /** Goes on with what fires; `at` in epoch milliseconds. */
  restore(open: readonly Pick<Alert, "fingerprint" | "labels" | "type">[], at: number): void {
    for (const { fingerprint, labels, type } of open) {
      const state = newSeriesState(at, true);
      this.#restored.set(fingerprint, {
        ...{ fingerprint, labels, state, key: type },
        unit: undefined,
        recent: undefined,
      });
    }
  }

  /** One sampling: what was measured under the name that the rule speaks of. */
  take(at: number, measured: readonly Measurement[]): void {
    const seen = new Set<Followed>();
    this.#leftOut = 0;
    for (const { series, value } of measured) {
      if (!this.#wanted.every(([name, wanted]) => series.labels[name] === wanted)) continue;
      const followed = this.#followed.get(series.key) ?? this.#follow(series, at);
      if (!followed) {
        this.#leftOut++;
        continue;
      }
      seen.add(followed);
      this.#observe(followed, at, value);
    }
    this.#standForNothing(seen, at);
    for (const known of [this.#followed, this.#restored]) this.#miss(known, seen, at);
  }

  /** Under absence, a name that no series has counts as absent from when it was first looked for, until one has it. */
  #standForNothing(seen: ReadonlySet<Followed>, at: number): void {
    const { kind, series } = this.rule.condition;
    if (kind !== "absence") return;
    if (this.#size === 0) this.#nothing = this.#follow({ key: series.name, labels: series.labels ?? {} }, at);
    else if (this.#nothing && seen.size > 0) {
      if (!seen.has(this.#nothing)) {
        this.#observe(this.#nothing, at, 0);
        this.#followed.delete(this.#nothing.key);
      }
      this.#nothing = undefined;
    }
  }

  /** Those that were not measured. */
  #miss(known: Map<string, Followed>, seen: ReadonlySet<Followed>, at: number): void {
    for (const [key, followed] of known) {
      if (seen.has(followed)) continue;
      this.#observe(followed, at, undefined);
      // Its place is another's; absence alone has to do with what is gone.
      const isGone = !followed.state.isFiring && at - followed.state.seenAt >= GONE_MS;
      if (isGone && this.rule.condition.kind !== "absence") known.delete(key);
    }
  }

  /** Begins to follow a series, or goes on with one that fired before the start; undefined when there is no place. */
  #follow(
    { key, labels, unit }: Pick<Followed, "key" | "labels"> & { unit?: SeriesUnit },
    at: number,
  ): Followed | undefined {
    const isFull = this.#size >= this.#maxSeries;
    // The fingerprint costs more than all the rest: without a place it is asked for only where something was restored.
    if (isFull && this.#restored.size === 0) return undefined;
    const fingerprint = fingerprintOf(this.#alertOf({ key, labels, unit }, undefined));
    const restored = this.#restored.get(fingerprint);
    if (isFull && !restored) return undefined;
    this.#restored.delete(fingerprint);
    const state = restored?.state ?? newSeriesState(at);
    const followed = { fingerprint, key, labels, unit, state, recent: recentValuesFor(this.rule.condition) };
    this.#followed.set(key, followed);
    return followed;
  }

  #observe(followed: Followed, at: number, value: number | undefined): void {
    const past = value === undefined ? undefined : followed.recent?.observe(at, value);
    const { state, turned } = evaluate(this.rule.condition, followed.state, { at, value, past });
    followed.state = state;
    if (turned === "firing") {
      this.#turned(followed.fingerprint, { to: "firing", alert: this.#alertOf(followed, value) });
    } else if (turned === "resolved") this.#turned(followed.fingerprint, { to: "resolved" });
  }

  #alertOf(
    { key, labels, unit }: Pick<Followed, "key" | "labels" | "unit">,
    value: number | undefined,
  ): NewAlert {
    const { alertType: type, severity, condition, id: ruleId } = this.rule;
    const message = sentenceOf(this.rule, condition, { key, value, unit });
    return { type, severity, message, labels, source: "rule", ruleId };
  }
}
