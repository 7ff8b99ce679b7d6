import type { PluginHealth } from "../../../schema/rules/plugins.ts";
import type { AppError } from "../../errors/app-error.ts";
import type { Clock } from "../../lib/clock.ts";
import type { ProcessExit, RunningPlugin } from "../process/plugin-process.ts";
import type { PluginPackage } from "../trust/plugin-package.ts";
import { Drains } from "./drains.ts";
import { IdleWatch } from "./idle-watch.ts";
import type { Launcher } from "./launcher.ts";
import type { Occurrence } from "./occurrence.ts";
import type { Setting } from "./setting.ts";
import type { Slot } from "./slot.ts";
import { isEager } from "./standing.ts";
import { ProcessStarts } from "./starts.ts";

interface ProcessesParts {
  clock: Clock;
  launcher: Launcher;
  /** What a process of this package is started with now. @throws AppError `invalid_configuration` */
  settingOf(pluginPackage: PluginPackage): Setting;
  graceMsOf(pluginPackage: PluginPackage): number;
  /** Whether calls are under way. */
  isInUse(): boolean;
  /** Nothing has used the process for long. */
  idle(): void;
  /** The process that takes calls has ended, and nobody ordered it. */
  crashed(exit: ProcessExit): void;
  tell(occurrence: Occurrence): void;
}

/** Old processes that still finish calls while a newer one takes the new calls. */
const MAX_DRAINING = 3;

/** The processes of one plugin: the one that takes calls, those that are being started, those that finish theirs. */
export class UnitProcesses {
  readonly #parts: ProcessesParts;
  readonly #starts: ProcessStarts;
  readonly #idleness: IdleWatch;
  readonly #drains: Drains;
  #slot: Slot | undefined;
  #health: PluginHealth = "unknown";
  /** Whether {@link #health} is what a check found of the process that takes calls, and not of one before it. */
  #isItsOwn = false;
  #stderrTail: readonly string[] = [];

  constructor(parts: ProcessesParts) {
    const { clock, launcher, settingOf, isInUse, idle, tell } = parts;
    this.#parts = parts;
    this.#starts = new ProcessStarts({
      clock,
      launcher,
      settingOf,
      started: (startedInMs) => tell({ kind: "started", startedInMs }),
      exited: (slot, exit) => this.#exited(slot, exit),
      failed: (stderrTail) => {
        this.#stderrTail = stderrTail;
      },
    });
    this.#idleness = new IdleWatch(clock, isInUse, idle);
    this.#drains = new Drains((reason, error) => {
      if (error) tell({ kind: "failed", code: error.code, message: error.message });
      tell({ kind: "stopped", reason });
    });
  }

  /** The one that takes new calls. */
  get current(): Slot | undefined {
    return this.#slot;
  }

  get isStarting(): boolean {
    return this.#starts.isUnderWay;
  }

  /** Those that finish their last calls. */
  get draining(): RunningPlugin[] {
    return this.#drains.processes;
  }

  /** What the one that ended last wrote last to stderr. */
  get stderrTail(): readonly string[] {
    return this.#stderrTail;
  }

  /** As it was found last; that of a process which rests or has crashed stands until the next one is asked. */
  get health(): PluginHealth {
    return this.#health;
  }

  /** Whether the one that takes calls was found to be unhealthy itself; one before it says nothing about this one. */
  get isUnhealthy(): boolean {
    return this.#slot !== undefined && this.#isItsOwn && this.#health === "unhealthy";
  }

  /** Takes what a health check found; whether that changes anything. */
  setHealth(health: PluginHealth): boolean {
    const before = this.#health;
    const wasUnhealthy = this.isUnhealthy;
    this.#health = health;
    this.#isItsOwn = this.#slot !== undefined;
    return health !== before || this.isUnhealthy !== wasUnhealthy;
  }

  /** A call has ended. */
  used(): void {
    this.#idleness.touch();
  }

  /** Starts one and lets it take calls. @throws AppError why there is none */
  async start(one: PluginPackage): Promise<void> {
    const slot = await this.#starts.launch(one);
    slot.demandAlive();
    this.#take(slot);
  }

  /** One that is up and healthy and takes no calls yet. @throws AppError why there is none */
  async tryOut(one: PluginPackage): Promise<Slot> {
    return this.#starts.tryOut(one);
  }

  /** Settles once one more may be let finish beside the others. */
  async roomToDrain(): Promise<void> {
    await this.#drains.below(MAX_DRAINING);
  }

  /** Lets another take the calls; the one before finishes its own. @throws AppError `plugin_crashed` when it has ended already */
  exchange(next: Slot): void {
    next.demandAlive();
    this.end("another process took its place");
    this.#take(next);
  }

  /**
   * Takes the process out of use and lets it finish within `graceMs`, or what its package may take. What comes after it
   * begins without a verdict.
   */
  end(reason: string, graceMs?: number): void {
    this.rest(reason, graceMs);
    this.#health = "unknown";
  }

  /** The same for a while that nobody needs it: what was found of its health stands. */
  rest(reason: string, graceMs?: number): void {
    this.#idleness.stop();
    const slot = this.#slot;
    this.#slot = undefined;
    if (slot) this.#drains.add(slot, reason, graceMs ?? this.#parts.graceMsOf(slot.package));
  }

  /** Gives up the start under way. */
  giveUpStart(error: AppError): void {
    this.#starts.giveUp(error);
  }

  /** Settles once all that finish have ended. */
  async settled(): Promise<void> {
    await this.#drains.settled();
  }

  #take(slot: Slot): void {
    this.#slot = slot;
    this.#isItsOwn = false;
    if (!isEager(slot.package.manifest)) this.#idleness.start();
  }

  /** A process that is only tried out fails with its trial. */
  #exited(slot: Slot, exit: ProcessExit): void {
    this.#stderrTail = exit.stderrTail;
    if (this.#slot !== slot) return;
    this.#slot = undefined;
    this.#parts.crashed(exit);
  }
}
