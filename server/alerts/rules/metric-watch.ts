import type { FailureReport } from "../../errors/failure.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Measurement } from "../../metrics/collect/collector.ts";
import type { Sample, SampleSource } from "../../metrics/sampler.ts";
import { fingerprintOf, type NewAlert } from "../alert.ts";
import type { Definitions } from "../definitions/definitions.ts";
import type { MetricCondition, Rule } from "../definitions/schemas.ts";
import { hasLabels } from "../notify/matching.ts";
import type { Alerts } from "../service.ts";
import type { AlertStore } from "../store.ts";
import { evaluate, newSeriesState, type SeriesState } from "./evaluate.ts";
import { sentenceOf } from "./words.ts";

interface MetricWatchParts {
  clock: Clock;
  alerts: Pick<Alerts, "raise" | "resolveByFingerprint">;
  store: Pick<AlertStore, "listOpenOfRule">;
  definitions: Pick<Definitions, "list">;
  samples: Pick<SampleSource, "subscribe">;
  report: FailureReport;
}

/** One series under one rule. */
interface Followed {
  key: string;
  labels: Readonly<Record<string, string>>;
  state: SeriesState;
}

type MetricRule = Rule & { condition: MetricCondition };
type Turn = { to: "firing"; alert: NewAlert } | { to: "resolved" };

/** Series that one rule follows; a rule over more follows the first it met. */
const MAX_SERIES_A_RULE = 200;
const BY = "rule";

/**
 * Evaluates the rules over metrics with every sampling, in memory: a sampling costs one look at each series that a rule
 * follows. What turned is written by itself, in order; the latest turn of an alert counts. A duration that was running
 * begins anew with the server; what fires goes on.
 */
export class MetricWatch {
  readonly #parts: MetricWatchParts;
  readonly #followed = new Map<string, Map<string, Followed>>();
  readonly #turns = new Map<string, Turn>();
  #rules: readonly MetricRule[] = [];
  /** Rules that were changed since they were last taken begin anew. */
  #versions = new Map<string, number>();
  #writing: Promise<void> | undefined;
  #end: (() => void) | undefined;

  constructor(parts: MetricWatchParts) {
    this.#parts = parts;
  }

  /** Takes up what fires, then follows the samplings. */
  async start(): Promise<void> {
    await this.follow();
    this.#end = this.#parts.samples.subscribe((sample) => this.take(sample));
  }

  async stop(): Promise<void> {
    this.#end?.();
    await this.settled();
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  /** Takes the rules as they are now. */
  async follow(): Promise<void> {
    const rules = this.#parts.definitions.list("rule").filter(isMetricRule);
    const fresh = rules.filter(({ id, updatedAt }) => this.#versions.get(id) !== updatedAt);
    for (const { id } of fresh) this.#followed.set(id, await this.#firingOf(id));
    for (const id of this.#followed.keys()) {
      if (!rules.some((rule) => rule.id === id)) this.#followed.delete(id);
    }
    this.#versions = new Map(rules.map(({ id, updatedAt }) => [id, updatedAt]));
    this.#rules = rules;
  }

  /** One sampling. */
  take({ at, measurements }: Sample): void {
    const byName = new Map<string, Measurement[]>();
    for (const one of measurements) {
      const { name } = one.series;
      const known = byName.get(name);
      if (known) known.push(one);
      else byName.set(name, [one]);
    }
    for (const rule of this.#rules) this.#evaluate(rule, at, byName.get(rule.condition.series.name) ?? []);
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  #evaluate(rule: MetricRule, at: number, measured: readonly Measurement[]): void {
    const { id, condition } = rule;
    const followed = this.#followed.get(id) ?? new Map<string, Followed>();
    this.#followed.set(id, followed);
    const seen = new Set<string>();
    for (const { series, value } of measured) {
      const { key, labels } = series;
      if (!hasLabels(labels, condition.series.labels)) continue;
      const fingerprint = fingerprintOf(this.#alertOf(rule, { key, labels }, value));
      const known = followed.get(fingerprint);
      if (!known && followed.size >= MAX_SERIES_A_RULE) continue;
      seen.add(fingerprint);
      this.#observe(rule, fingerprint, { key, labels, state: known?.state ?? newSeriesState(at) }, at, value);
    }
    if (condition.kind === "absence" && followed.size === 0) {
      // Nothing of the name was ever here: its absence counts from now.
      const series = { key: condition.series.name, labels: condition.series.labels ?? {} };
      const fingerprint = fingerprintOf(this.#alertOf(rule, series, undefined));
      followed.set(fingerprint, { ...series, state: newSeriesState(at) });
    }
    for (const [fingerprint, one] of [...followed]) {
      if (!seen.has(fingerprint)) this.#observe(rule, fingerprint, one, at, undefined);
    }
  }

  #observe(
    rule: MetricRule,
    fingerprint: string,
    followed: Followed,
    at: number,
    value: number | undefined,
  ): void {
    const { state, turned } = evaluate(rule.condition, followed.state, { at, value });
    this.#followed.get(rule.id)?.set(fingerprint, { ...followed, state });
    if (turned === "firing") {
      this.#turns.set(fingerprint, { to: "firing", alert: this.#alertOf(rule, followed, value) });
    } else if (turned === "resolved") this.#turns.set(fingerprint, { to: "resolved" });
  }

  #alertOf(
    rule: MetricRule,
    { key, labels }: Pick<Followed, "key" | "labels">,
    value: number | undefined,
  ): NewAlert {
    const { alertType: type, severity, condition, id: ruleId } = rule;
    const message = sentenceOf(rule, condition, key, value);
    return { type, severity, message, labels, source: "rule", ruleId };
  }

  async #firingOf(ruleId: string): Promise<Map<string, Followed>> {
    const open = await this.#parts.store.listOpenOfRule(ruleId);
    const at = this.#parts.clock.now();
    return new Map(
      open.map(({ fingerprint, labels, type }) => [
        fingerprint,
        { key: type, labels, state: newSeriesState(at, true) },
      ]),
    );
  }

  /** Writes what turned; what fails waits for the next sampling. */
  async #write(): Promise<void> {
    const { alerts, report } = this.#parts;
    for (const [fingerprint, turn] of [...this.#turns]) {
      try {
        if (turn.to === "firing") await alerts.raise(turn.alert, BY);
        else await alerts.resolveByFingerprint(fingerprint, BY);
        if (this.#turns.get(fingerprint) === turn) this.#turns.delete(fingerprint);
      } catch (thrown) {
        return report(thrown, { where: "an alert of a rule" });
      }
    }
  }
}

const isMetricRule = (rule: Rule): rule is MetricRule => rule.enabled && rule.condition.kind !== "event";
