import { isDeepStrictEqual } from "node:util";
import { AppError, toAppError } from "../../errors/app-error.ts";
import type { PluginPackage } from "../trust/plugin-package.ts";
import type { Builds } from "./builds.ts";
import type { Occurrence } from "./occurrence.ts";
import type { UnitProcesses } from "./processes.ts";
import type { Restarts } from "./restarts.ts";
import type { Setting } from "./setting.ts";
import type { Slot } from "./slot.ts";
import { isEager, isWithdrawn } from "./standing.ts";
import { isFinal, tryOut } from "./trial.ts";
import type { Wishes } from "./wishes.ts";

interface LifeParts {
  builds: Builds;
  processes: UnitProcesses;
  restarts: Restarts;
  /** What a process of this package is started with now. @throws AppError `invalid_configuration` */
  settingOf(pluginPackage: PluginPackage): Setting;
  wishes: Readonly<Wishes>;
  /** Why no calls are let in. */
  refusal(): AppError;
  /** Other bytes are in force. */
  put(one: PluginPackage): void;
  /** A process did not come up, for a reason that may pass. */
  crashed(reason: string): void;
  tell(occurrence: Occurrence): void;
}

/**
 * The steps of one plugin's life, from no process to another build's: each leaves bytes, configuration and process as
 * they belong together. Its unit takes them one at a time.
 */
export class UnitLife {
  readonly #parts: LifeParts;

  constructor(parts: LifeParts) {
    this.#parts = parts;
  }

  /** Brings bytes and process together with what was decided; what does not come up is told as an occurrence. */
  async reconcile(): Promise<void> {
    const { builds, processes, wishes } = this.#parts;
    const { package: newest, isPaused } = wishes.standing;
    if (isWithdrawn(wishes.standing)) {
      builds.withdraw();
      processes.end("it may not run any more");
    }
    if (newest && builds.isNews(newest)) {
      this.forgive();
      if (builds.inForce && wishes.isOpen) await tryOut(() => this.#exchange(newest));
      else this.#adopt(newest);
    }
    if (!wishes.isWanted) return processes.end("it is not to run");
    if (!isPaused && builds.inForce && isEager(builds.inForce.manifest)) await tryOut(() => this.start());
  }

  /** No process → one of the build in force. @throws AppError why there is none */
  async start(): Promise<void> {
    const { builds, processes, restarts, wishes, refusal } = this.#parts;
    if (processes.current) return;
    const { inForce, fault } = builds;
    if (!wishes.isWanted || !inForce) throw refusal();
    if (fault) throw fault;
    if (restarts.isPending) {
      const why = "The plugin crashed and is started again in a moment.";
      throw new AppError("plugin_inactive", why, { retryAfterMs: restarts.waitMs });
    }
    try {
      await processes.start(inForce);
      builds.forgive();
    } catch (thrown) {
      throw this.#notStarted(inForce, toAppError(thrown));
    }
  }

  /** One process → a new one, of the newest bytes. @throws AppError why it is not taken; the old one goes on */
  async renew(): Promise<void> {
    const { builds, wishes, refusal } = this.#parts;
    this.forgive();
    const newest = wishes.standing.package ?? builds.inForce;
    if (!newest) throw refusal();
    if (wishes.isOpen) await this.#exchange(newest);
    else this.#adopt(newest);
  }

  /**
   * Gives the process what it is set to now, or exchanges it when it does not take that or its grants are others.
   * @throws AppError why that did not work. With the grants of before nothing runs on: its process ends.
   */
  async resettle(): Promise<void> {
    const { processes } = this.#parts;
    // What failed before may have been the configuration.
    this.forgive();
    const { current } = processes;
    if (!current) return;
    const setting = this.#settingOf(current.package);
    if (!isDeepStrictEqual(setting.grants, current.setting.grants)) {
      try {
        await this.renew();
      } catch (error) {
        processes.end("what it may do has changed");
        throw error;
      }
    } else if (!isDeepStrictEqual(setting.config, current.setting.config)) {
      try {
        await current.configure(setting);
      } catch {
        // It is stored: a new process begins with it, or says why it cannot.
        await this.renew();
      }
    }
  }

  /** What failed and what crashed is forgotten: it may be tried again. */
  forgive(): void {
    this.#parts.builds.forgive();
    this.#parts.restarts.forgive();
  }

  /** What the failure of a start means for the plugin, and what its caller is told. */
  #notStarted(inForce: PluginPackage, error: AppError): AppError {
    const { wishes, refusal, crashed } = this.#parts;
    if (!wishes.isWanted) return refusal();
    if (isFinal(error)) this.#refuse(inForce, error);
    else crashed(error.message);
    return error;
  }

  /** Start, check, switch, drain. @throws AppError why the new process is not taken */
  async #exchange(newest: PluginPackage): Promise<void> {
    const { builds, processes, wishes, put, tell } = this.#parts;
    await processes.roomToDrain();
    const fromVersion = builds.inForce?.manifest.version ?? "";
    const next = await this.#tryOut(newest);
    if (!wishes.isOpen) return next.discard("it was stopped meanwhile");
    processes.exchange(next);
    put(newest);
    builds.forgive();
    tell({ kind: "reloaded", fromVersion });
  }

  async #tryOut(newest: PluginPackage): Promise<Slot> {
    try {
      return await this.#parts.processes.tryOut(newest);
    } catch (thrown) {
      const error = toAppError(thrown);
      if (this.#parts.wishes.isOpen) this.#refuse(newest, error);
      throw error;
    }
  }

  /** Takes bytes without trying them: they are tried by the first call. */
  #adopt(newest: PluginPackage): void {
    this.#parts.processes.end("another build took its place");
    this.#parts.put(newest);
  }

  #settingOf(one: PluginPackage): Setting {
    try {
      return this.#parts.settingOf(one);
    } catch (thrown) {
      const error = toAppError(thrown);
      this.#refuse(one, error);
      throw error;
    }
  }

  #refuse(one: PluginPackage, error: AppError): void {
    this.#parts.builds.refuse(one, error);
    this.#parts.tell({ kind: "failed", code: error.code, message: error.message });
  }
}
