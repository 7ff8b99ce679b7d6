import { withTimeLimit } from "../../errors/time-limit.ts";
import type { Clock } from "../../lib/clock.ts";
import { Semaphore } from "../../lib/semaphore.ts";
import type { RunningPlugin } from "../process/plugin-process.ts";
import type { PluginPackage } from "../trust/plugin-package.ts";
import type { Setting } from "./setting.ts";

/** Processes that are started at the same time, of all plugins. */
const MAX_STARTS = 4;
/** From the order to a loaded and initialised module; each step has its own, shorter limit. */
const START_TIMEOUT_MS = 60_000;

/** Starts a process with what the plugin is configured and granted. */
export type Launch = (
  pluginPackage: PluginPackage,
  setting: Setting,
  signal: AbortSignal,
) => Promise<RunningPlugin>;

/** Starts processes, a few at a time. */
export class Launcher {
  readonly #clock: Clock;
  readonly #launch: Launch;
  readonly #starts = new Semaphore(MAX_STARTS);

  constructor(clock: Clock, launch: Launch) {
    this.#clock = clock;
    this.#launch = launch;
  }

  /** @throws AppError `timed_out`, the reason of `controller`'s abort, and what starting throws */
  async start(
    pluginPackage: PluginPackage,
    setting: Setting,
    controller: AbortController,
  ): Promise<RunningPlugin> {
    return this.#starts.run(() =>
      withTimeLimit(
        this.#clock,
        START_TIMEOUT_MS,
        async (signal) => {
          signal.throwIfAborted();
          const process = await this.#launch(pluginPackage, setting, signal);
          if (!signal.aborted) return process;
          process.kill("the start was given up");
          throw signal.reason;
        },
        controller,
      ),
    );
  }
}
