import type { FailureReport } from "../../errors/failure.ts";
import { startBreathing } from "../../lib/breathe.ts";
import type { Clock } from "../../lib/clock.ts";
import { Mutex } from "../../lib/mutex.ts";
import type { Measurement } from "../../metrics/collect/collector.ts";
import type { Sample, SampleSource } from "../../metrics/sampler.ts";
import type { Definitions } from "../definitions/definitions.ts";
import type { Rule } from "../definitions/schemas.ts";
import type { Alerts } from "../service.ts";
import type { AlertStore } from "../store.ts";
import { recentValuesFor } from "./evaluate.ts";
import { type Coverage, type MetricRule, RuleWatch, type Turn } from "./rule-watch.ts";

interface MetricWatchParts {
  clock: Clock;
  alerts: Pick<Alerts, "raise" | "resolveByFingerprint">;
  store: Pick<AlertStore, "listOpenOfRule">;
  definitions: Pick<Definitions, "list">;
  samples: Pick<SampleSource, "subscribe">;
  report: FailureReport;
}

/** Series that one rule follows; a rule over more follows the first it met. */
const MAX_SERIES_A_RULE = 200;
/** Series of all rules that look back, which keep values of each: they share it evenly. 72 MB at the most. */
const MAX_SERIES_LOOKING_BACK = 8_000;
const BY = "rule";

/**
 * Evaluates the rules over metrics with every sampling, in memory: a sampling costs one look at each series that a rule
 * follows, in slices between which requests are answered; when one takes longer than the next needs to come, the latest
 * is looked at next. What turned is written by itself, in order; the latest turn of an alert counts. A duration that was
 * running begins anew with the server; what fires goes on.
 */
export class MetricWatch {
  readonly #parts: MetricWatchParts;
  /** By rule; one that was changed since it was last taken begins anew. */
  #watches = new Map<string, RuleWatch>();
  readonly #turns = new Map<string, { of: RuleWatch; turn: Turn }>();
  readonly #changing = new Mutex();
  #next: Sample | undefined;
  #looking: Promise<void> | undefined;
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
    this.#next = undefined;
    await this.settled();
  }

  /** Resolves when nothing is being looked at or written. */
  async settled(): Promise<void> {
    await this.#looking;
    await this.#writing;
  }

  /** How much of what it speaks of a rule looks at; undefined for one that is not over metrics, or is switched off. */
  coverageOf(ruleId: string): Coverage | undefined {
    return this.#watches.get(ruleId)?.coverage;
  }

  /** Takes the rules as they are now. */
  async follow(): Promise<void> {
    await this.#changing.run(() => this.#follow());
  }

  async #follow(): Promise<void> {
    const rules = this.#parts.definitions.list("rule").filter(isMetricRule);
    const watches = await Promise.all(rules.map((rule) => this.#watchOf(rule)));
    const lookingBack = rules.filter(({ condition }) => recentValuesFor(condition) !== undefined).length;
    const share = Math.min(MAX_SERIES_A_RULE, Math.floor(MAX_SERIES_LOOKING_BACK / Math.max(1, lookingBack)));
    for (const watch of watches) {
      watch.limitTo(recentValuesFor(watch.rule.condition) ? share : MAX_SERIES_A_RULE);
    }
    this.#watches = new Map(watches.map((watch) => [watch.rule.id, watch]));
  }

  /** One sampling. */
  take(sample: Sample): void {
    this.#next = sample;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
  }

  async #look(): Promise<void> {
    for (let sample = this.#takeNext(); sample; sample = this.#takeNext()) {
      await this.#evaluate(sample);
      this.#writing ??= this.#write().finally(() => {
        this.#writing = undefined;
      });
    }
  }

  #takeNext(): Sample | undefined {
    const next = this.#next;
    this.#next = undefined;
    return next;
  }

  async #evaluate({ at, measurements }: Sample): Promise<void> {
    const byName = Map.groupBy(measurements, ({ series }) => series.name);
    const breathe = startBreathing();
    for (const [id, watch] of [...this.#watches]) {
      // Rules may change between two slices.
      if (this.#watches.get(id) === watch)
        watch.take(at, byName.get(watch.rule.condition.series.name) ?? NONE);
      await breathe();
    }
  }

  async #watchOf(rule: MetricRule): Promise<RuleWatch> {
    const known = this.#watches.get(rule.id);
    if (known?.rule.updatedAt === rule.updatedAt) return known;
    const watch: RuleWatch = new RuleWatch(rule, (fingerprint, turn) =>
      this.#turns.set(fingerprint, { of: watch, turn }),
    );
    watch.restore(await this.#parts.store.listOpenOfRule(rule.id), this.#parts.clock.now());
    return watch;
  }

  /** Writes what turned, and what turns meanwhile; what fails waits for the next sampling. */
  async #write(): Promise<void> {
    const { alerts, report } = this.#parts;
    for (let [first] = this.#turns; first; [first] = this.#turns) {
      const [fingerprint, turned] = first;
      const { of, turn } = turned;
      try {
        // Whatever a rule raised ended with its change.
        if (this.#watches.get(of.rule.id) !== of) this.#turns.delete(fingerprint);
        else if (turn.to === "firing") await alerts.raise(turn.alert, BY);
        else await alerts.resolveByFingerprint(fingerprint, BY);
        if (this.#turns.get(fingerprint) === turned) this.#turns.delete(fingerprint);
      } catch (thrown) {
        return report(thrown, { where: "an alert of a rule" });
      }
    }
  }
}

const NONE: readonly Measurement[] = [];
const isMetricRule = (rule: Rule): rule is MetricRule => rule.enabled && rule.condition.kind !== "event";
