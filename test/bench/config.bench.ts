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

/** From the moment the file is saved to the moment a watcher of the setting hears of it. */
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
  writeFileSync(path, yaml(1));
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
    const heard = Promise.withResolvers<void>();
    const end = configuration.watch("metrics.rawDays", () => heard.resolve());
    const startedAt = performance.now();
    save(path, yaml(edit + 2));
    await heard.promise;
    times.push(performance.now() - startedAt);
    end();
  }
  watch.stop();
  rmSync(folder, { recursive: true });
  return times;
}

const yaml = (days: number): string => `log:\n  level: info\nmetrics:\n  rawDays: ${days}\n`;

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
