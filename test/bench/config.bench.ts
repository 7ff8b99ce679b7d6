import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Configuration } from "../../server/config/configuration.ts";
import { ConfigurationFiles } from "../../server/config/configuration-files.ts";
import { FileWatch } from "../../server/config/file-watch.ts";
import { mergeLayers } from "../../server/config/layers.ts";
import { systemClock } from "../../server/lib/clock.ts";
import { type Benchmark, median } from "./model.ts";

const EDITS = 100;
const MERGES = 1_000;
const GOAL_RELOAD_MS = 500;
const PERCENTILE = 0.95;

/** What one edit changes: the level of the log, an interval, a limit, a switch. */
const EDITED = ["log.level", "metrics.intervalSeconds", "graphql.maxDepth", "graphql.introspection"] as const;

/** From the moment the file is saved to the moment the watchers of all the settings that changed have heard of it. */
const benchmark: Benchmark = {
  name: "Configuration",
  async run() {
    const inPlace = await reloads((path, text) => writeFileSync(path, text));
    const moved = await reloads((path, text) => {
      writeFileSync(`${path}.partial`, text);
      renameSync(`${path}.partial`, path);
    });
    const figure = (name: string, values: readonly number[]) => ({
      name,
      value: percentile(values),
      unit: "ms",
      goal: { atMost: GOAL_RELOAD_MS },
      note: `p95 of ${EDITS}, median ${median(values).toFixed(0)} ms, worst ${Math.max(...values).toFixed(0)} ms`,
    });
    return [
      figure("reload, written in place", inPlace),
      figure("reload, moved into place", moved),
      { name: "merge and validate all settings", value: mergeMs(), unit: "ms", note: `mean of ${MERGES}` },
    ];
  },
};
export default benchmark;

async function reloads(save: (path: string, text: string) => void): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), "binnacle-bench-"));
  const path = join(folder, "binnacle.yaml");
  writeFileSync(path, yaml(0));
  const files = new ConfigurationFiles({ folder });
  const configuration = new Configuration(files.read());
  const watch = new FileWatch({
    files,
    clock: systemClock,
    onChange: () => configuration.put(ConfigurationFiles.kinds, files.read()),
    onHeldOpen: () => {},
  });
  watch.start();
  const times: number[] = [];
  for (let edit = 0; edit < EDITS; edit++) {
    const watched = EDITED.map((key) => {
      const heard = Promise.withResolvers<void>();
      return { heard: heard.promise, end: configuration.watch(key, () => heard.resolve()) };
    });
    const startedAt = performance.now();
    save(path, yaml(edit + 1));
    await Promise.all(watched.map(({ heard }) => heard));
    times.push(performance.now() - startedAt);
    for (const { end } of watched) end();
  }
  watch.stop();
  rmSync(folder, { recursive: true });
  return times;
}

/** Each edit differs from the one before it in all four settings. */
function yaml(edit: number): string {
  const isEven = edit % 2 === 0;
  const graphql = `graphql:\n  maxDepth: ${10 + (edit % 10)}\n  introspection: ${isEven}\n`;
  return `log:\n  level: ${isEven ? "info" : "debug"}\nmetrics:\n  intervalSeconds: ${5 + (edit % 50)}\n${graphql}`;
}

function mergeMs(): number {
  const layer = { origin: "bench", values: new Map<string, unknown>([["metrics.rawDays", 3]]) };
  const startedAt = performance.now();
  for (let merge = 0; merge < MERGES; merge++) mergeLayers([layer], { environment: {} });
  return (performance.now() - startedAt) / MERGES;
}

function percentile(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * PERCENTILE) - 1] ?? Number.NaN;
}
