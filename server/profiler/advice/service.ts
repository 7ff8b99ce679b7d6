import type { Database } from "../../database/database.ts";
import { estimateRows, readQueryPlans } from "../../database/query-plans.ts";
import type { Profiler } from "../service.ts";
import { cacheableQueries } from "./cacheable-query.ts";
import { failsOften } from "./fails-often.ts";
import { missingIndexes } from "./missing-index.ts";
import { pluginsNearLimit } from "./plugin-near-limit.ts";
import type { Repeats } from "./repeats.ts";
import { slowerThanBefore } from "./slower-than-before.ts";
import type { Suggestion } from "./suggestion.ts";

/** Suggestions that are shown; each rule gives its worst first by what the statistics give. */
const MAX_SUGGESTIONS = 200;

interface AdviceParts {
  profiler: Pick<Profiler, "compareDays">;
  repeats: Pick<Repeats, "list">;
  /** Name → database whose statements are looked at. */
  databases: Readonly<Record<string, Database>>;
  /** Milliseconds that a call of the plugin may take; undefined when there is no such plugin. */
  pluginLimitMs: (plugin: string) => number | undefined;
}

/** What could be better, by what was measured. Nothing is stored: each look is made anew. */
export class Advice {
  readonly #parts: AdviceParts;

  constructor(parts: AdviceParts) {
    this.#parts = parts;
  }

  async suggestions(): Promise<Suggestion[]> {
    const { profiler, databases, pluginLimitMs, repeats } = this.#parts;
    const { lastDay, daysBefore } = await profiler.compareDays();
    const ofDatabases = Object.entries(databases).flatMap(([name, database]) =>
      missingIndexes(readQueryPlans(name, database), (table) => estimateRows(database, table)),
    );
    return [
      ...slowerThanBefore(lastDay, daysBefore),
      ...failsOften(lastDay),
      ...pluginsNearLimit(lastDay, pluginLimitMs),
      ...cacheableQueries(repeats.list()),
      ...ofDatabases,
    ].slice(0, MAX_SUGGESTIONS);
  }
}
