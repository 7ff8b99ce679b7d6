import { Launcher } from "../../../../server/plugins/supervision/launcher.ts";
import type { Occurrence } from "../../../../server/plugins/supervision/occurrence.ts";
import type { Standing } from "../../../../server/plugins/supervision/standing.ts";
import { PluginUnit } from "../../../../server/plugins/supervision/unit.ts";
import type { PluginPackage } from "../../../../server/plugins/trust/plugin-package.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { FakeProcess } from "../fake-process.ts";

/** What is decided about a plugin that runs, with what a test wants of it. */
export const standing = (
  pluginPackage: PluginPackage | undefined,
  more: Partial<Standing> = {},
): Standing => ({
  package: pluginPackage,
  block: undefined,
  isGone: false,
  needsApproval: false,
  isEnabled: true,
  isPaused: false,
  quarantine: undefined,
  ...more,
});

/** A unit over a process of the test's own, which is running. */
export async function runningUnit(
  pluginPackage: PluginPackage,
  prepare: (process: FakeProcess) => void = () => undefined,
  clock = new ManualClock(),
) {
  const processes: FakeProcess[] = [];
  const heard: Occurrence[] = [];
  const launcher = new Launcher(clock, async (one) => {
    const process = new FakeProcess(one);
    prepare(process);
    processes.push(process);
    return process;
  });
  const unit = new PluginUnit(pluginPackage.manifest.id, {
    clock,
    launcher,
    concurrencyOf: () => 5,
    graceMsOf: () => 1_000,
    settingOf: () => ({ config: {}, grants: { grants: [], refused: [] } }),
    hear: (_unit, occurrence) => heard.push(occurrence),
    random: () => 0.5,
  });
  await unit.apply(standing(pluginPackage));
  await unit.start();
  const [process] = processes;
  if (!process) throw new Error("No process was started.");
  return { unit, clock, process, processes, heard };
}
