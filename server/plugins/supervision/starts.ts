import type { AppError } from "../../errors/app-error.ts";
import type { Clock } from "../../lib/clock.ts";
import { type ProcessExit, StartFailure } from "../process/plugin-process.ts";
import type { PluginPackage } from "../trust/plugin-package.ts";
import type { Launcher } from "./launcher.ts";
import type { Setting } from "./setting.ts";
import { Slot } from "./slot.ts";
import { demandHealth } from "./trial.ts";

interface StartsParts {
  clock: Clock;
  launcher: Launcher;
  /** What a process of this package is started with now. @throws AppError `invalid_configuration` */
  settingOf(pluginPackage: PluginPackage): Setting;
  started(startedInMs: number): void;
  /** A process has ended that nobody ordered to. */
  exited(slot: Slot, exit: ProcessExit): void;
  /** A start has failed, with the last words of its process. */
  failed(stderrTail: readonly string[]): void;
}

/** The starts of one plugin's processes; one at a time, which its unit sees to. */
export class ProcessStarts {
  readonly #parts: StartsParts;
  #isTryingOut = false;
  #starting: AbortController | undefined;

  constructor(parts: StartsParts) {
    this.#parts = parts;
  }

  get isUnderWay(): boolean {
    return this.#isTryingOut || this.#starting !== undefined;
  }

  /** A process that is up; it takes no calls yet. @throws AppError why there is none */
  async launch(pluginPackage: PluginPackage): Promise<Slot> {
    const { clock, launcher, settingOf, started, exited, failed } = this.#parts;
    const controller = new AbortController();
    this.#starting = controller;
    const startedMs = clock.monotonic();
    try {
      const setting = settingOf(pluginPackage);
      const process = await launcher.start(pluginPackage, setting, controller);
      started(Math.round(clock.monotonic() - startedMs));
      return new Slot(process, pluginPackage, setting, exited);
    } catch (thrown) {
      if (thrown instanceof StartFailure) failed(thrown.stderrTail);
      throw thrown;
    } finally {
      this.#starting = undefined;
    }
  }

  /** A process that is up and does not call itself unhealthy; it takes no calls yet. @throws AppError why there is none */
  async tryOut(pluginPackage: PluginPackage): Promise<Slot> {
    let next: Slot | undefined;
    this.#isTryingOut = true;
    try {
      next = await this.launch(pluginPackage);
      await demandHealth(next.process);
      return next;
    } catch (error) {
      next?.discard("its build was not taken");
      throw error;
    } finally {
      this.#isTryingOut = false;
    }
  }

  /** Gives up the start under way. */
  giveUp(error: AppError): void {
    this.#starting?.abort(error);
  }
}
