import { AppError, toAppError } from "../../errors/app-error.ts";
import type { ProcessExit, RunningPlugin } from "../process/plugin-process.ts";
import type { PluginPackage } from "../trust/plugin-package.ts";
import type { Setting } from "./setting.ts";

/** One process of a plugin and the bytes it runs. An end that nobody ordered is a crash. */
export class Slot {
  readonly process: RunningPlugin;
  readonly package: PluginPackage;
  #setting: Setting;
  #isOrdered = false;
  #exit: ProcessExit | undefined;

  constructor(
    process: RunningPlugin,
    pluginPackage: PluginPackage,
    setting: Setting,
    onCrash: (slot: Slot, exit: ProcessExit) => void,
  ) {
    this.process = process;
    this.package = pluginPackage;
    this.#setting = setting;
    const ended = (exit: ProcessExit): void => {
      this.#exit = exit;
      if (!this.#isOrdered) onCrash(this, exit);
    };
    process.exited.then(ended, (thrown: unknown) => ended(unknownExit(toAppError(thrown).message)));
  }

  /** What it was started with, or given since. */
  get setting(): Setting {
    return this.#setting;
  }

  /** Gives it another configuration. @throws AppError why it does not take that */
  async configure(setting: Setting): Promise<void> {
    await this.process.configure(setting.config);
    this.#setting = setting;
  }

  /** @throws AppError `plugin_crashed` when the process has ended already */
  demandAlive(): void {
    if (this.#exit) throw new AppError("plugin_crashed", exitReason(this.#exit));
  }

  /** Takes nothing new, finishes what is under way, ends; killed when `graceMs` have passed, or when that fails. */
  async drain(graceMs: number): Promise<void> {
    this.#isOrdered = true;
    try {
      await this.process.drain(graceMs);
    } catch (error) {
      this.process.kill("it did not end in order");
      throw error;
    }
  }

  /** Ends it at once; not a crash. */
  discard(reason: string): void {
    this.#isOrdered = true;
    this.process.kill(reason);
  }
}

/** Why a process ended, in one sentence. */
export function exitReason({ code, signal, killedFor }: ProcessExit): string {
  if (killedFor !== undefined) return `It was ended: ${killedFor}.`;
  if (signal !== undefined) return `Its process was ended by ${signal}.`;
  return `Its process ended with code ${code ?? "unknown"}.`;
}

const unknownExit = (reason: string): ProcessExit => ({
  code: undefined,
  signal: undefined,
  killedFor: reason,
  stderrTail: [],
});
