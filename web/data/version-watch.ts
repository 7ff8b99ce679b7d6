import { Observable } from "../lib/observable.ts";
import type { LiveMetrics } from "./live.ts";
import type { Metrics } from "./metrics.ts";
import { ApiProblem } from "./problem.ts";
import type { System } from "./types.ts";

/** Facts of the server, asked again after each healed connection: a changed build means a reload is due. */
export class VersionWatch {
  readonly system = new Observable<System | undefined>(undefined);
  readonly isOutdated = new Observable(false);
  readonly #metrics: Metrics;

  constructor(metrics: Metrics, live: LiveMetrics) {
    this.#metrics = metrics;
    live.healed.subscribe(() => void this.refresh());
  }

  /** Never throws for a refused or lost request: the next healed connection asks again. */
  async refresh(): Promise<void> {
    try {
      const now = await this.#metrics.system();
      const before = this.system.value;
      if (before !== undefined && (before.version !== now.version || before.builtAt !== now.builtAt))
        this.isOutdated.set(true);
      this.system.set(now);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
    }
  }
}
