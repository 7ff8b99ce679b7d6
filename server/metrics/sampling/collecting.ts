import { errorCodeOf, toAppError } from "../../errors/app-error.ts";
import type { FailureReport } from "../../errors/failure.ts";
import type { Logger } from "../../logs/logger.ts";
import type { Collector, Measurement } from "../collect/collector.ts";
import { quantise, scaleOf } from "../store/precision.ts";

/** A collector that finds ever new ways to fail is not logged for each. */
const MAX_LOGGED_KINDS = 20;

/** Asks every collector; one that throws loses its own measurements only, is counted, and logged once a kind of failure. */
export class Collecting {
  readonly #collectors: Collector[];
  readonly #log: Logger;
  readonly #report: FailureReport;
  readonly #failures = new Map<string, number>();
  readonly #logged = new Map<string, Set<string>>();

  constructor(collectors: readonly Collector[], log: Logger, report: FailureReport = () => undefined) {
    this.#collectors = [...collectors];
    this.#log = log;
    this.#report = report;
  }

  add(collector: Collector): void {
    this.#collectors.push(collector);
  }

  /** Everything there is to measure at `at`, finite and with the decimals that are stored. */
  collect(at: number): readonly Measurement[] {
    const measurements: Measurement[] = [];
    for (const collector of this.#collectors) {
      try {
        for (const { series, value } of collector.collect(at)) {
          if (Number.isFinite(value))
            measurements.push({ series, value: quantise(value, scaleOf(series.unit)) });
        }
      } catch (thrown) {
        this.#note(collector.name, thrown);
      }
    }
    return measurements;
  }

  /** Collector → how often it threw. */
  failures(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#failures);
  }

  #note(name: string, thrown: unknown): void {
    this.#report(thrown, { where: `collector ${name}` });
    this.#failures.set(name, (this.#failures.get(name) ?? 0) + 1);
    const kinds = this.#logged.get(name) ?? new Set();
    this.#logged.set(name, kinds);
    const kind = thrown instanceof Error ? `${thrown.name} ${errorCodeOf(thrown)}` : typeof thrown;
    if (kinds.has(kind) || kinds.size >= MAX_LOGGED_KINDS) return;
    kinds.add(kind);
    this.#log.error("A collector failed; the others go on", { collector: name, error: toAppError(thrown) });
  }
}
