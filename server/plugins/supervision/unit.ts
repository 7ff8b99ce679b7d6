import { isDeepStrictEqual } from "node:util";
import type { PluginHealth, PluginState, PluginStatus, PluginVerb } from "../../../schema/rules/plugins.ts";
import { AppError, toAppError } from "../../errors/app-error.ts";
import type { Clock } from "../../lib/clock.ts";
import { Mutex } from "../../lib/mutex.ts";
import type { CallOptions, ProcessExit, RunningPlugin } from "../process/plugin-process.ts";
import type { PluginPackage } from "../trust/plugin-package.ts";
import type { CallStatistics } from "./call-statistics.ts";
import { PluginCalls } from "./calls.ts";
import { Drains } from "./drains.ts";
import { IdleWatch } from "./idle-watch.ts";
import type { Launcher } from "./launcher.ts";
import type { Occurrence } from "./occurrence.ts";
import { MAX_CRASHES, Restarts } from "./restarts.ts";
import type { Setting } from "./setting.ts";
import { exitReason, type Slot } from "./slot.ts";
import {
  type Block,
  isEager,
  isWithdrawn,
  refusalOf,
  type Standing,
  stateOf,
  statusOf,
  type UnitFacts,
  verbsOf,
} from "./standing.ts";
import { ProcessStarts } from "./starts.ts";
import { isFinal, tryOut } from "./trial.ts";

export interface UnitParts {
  clock: Clock;
  launcher: Launcher;
  /** Most calls at once that this package may have. */
  concurrencyOf(pluginPackage: PluginPackage): number;
  /** How long the calls under way of this package may go on once it is replaced or ended. */
  graceMsOf(pluginPackage: PluginPackage): number;
  /** What a process of this package is started with now. @throws AppError `invalid_configuration` */
  settingOf(pluginPackage: PluginPackage): Setting;
  /** Quick, and never throws. */
  hear(unit: PluginUnit, occurrence: Occurrence): void;
  random?: () => number;
}

/** Old processes that still finish calls while a newer one takes the new calls. */
const MAX_DRAINING = 3;
const UNHEALTHY_RETRY_MS = 5_000;

const NOTHING: Standing = {
  package: undefined,
  block: undefined,
  isGone: false,
  needsApproval: false,
  isEnabled: false,
  isPaused: false,
  quarantine: undefined,
};

/**
 * One plugin, supervised: at most one process takes its calls; older ones finish what they began. What is decided
 * about it arrives by {@link apply}. Whatever becomes of its process is told as an {@link Occurrence} and thrown at
 * nobody but its callers.
 */
export class PluginUnit {
  readonly id: string;
  readonly #parts: UnitParts;
  readonly #calls: PluginCalls;
  readonly #starts: ProcessStarts;
  readonly #restarts: Restarts;
  readonly #idleness: IdleWatch;
  readonly #drains: Drains;
  /** Starts, switches and ends, one at a time. */
  readonly #life = new Mutex();
  /** What nobody waits for: restarts, ends of idle processes. */
  readonly #background = new Set<Promise<void>>();
  #standing: Standing = NOTHING;
  #inForce: PluginPackage | undefined;
  /** The build that was found to be broken: it is not tried again by itself. */
  #refused: { digest: string; error: AppError } | undefined;
  /** The process that takes new calls. */
  #slot: Slot | undefined;
  #isStopped = false;
  #isClosed = false;
  #health: PluginHealth = "unknown";
  #stderrTail: readonly string[] = [];

  constructor(id: string, parts: UnitParts) {
    const { clock, launcher, random = Math.random } = parts;
    this.id = id;
    this.#parts = parts;
    this.#calls = new PluginCalls({
      clock,
      random,
      admit: () => this.#admit(),
      process: () => this.process,
      start: () => this.#alive(() => this.#start()),
      used: () => this.#idleness.touch(),
      failed: (failure) => this.#tell({ kind: "call_failed", failure }),
    });
    this.#starts = new ProcessStarts({
      clock,
      launcher,
      settingOf: (one) => parts.settingOf(one),
      started: (startedInMs) => this.#tell({ kind: "started", startedInMs }),
      exited: (slot, exit) => this.#exited(slot, exit),
      failed: (stderrTail) => {
        this.#stderrTail = stderrTail;
      },
    });
    this.#restarts = new Restarts(clock, random);
    this.#idleness = new IdleWatch(
      clock,
      () => this.callsUnderWay > 0,
      () => this.#inBackground(() => (this.callsUnderWay > 0 ? undefined : this.#end("nobody uses it"))),
    );
    this.#drains = new Drains((reason, error) => {
      if (error) this.#tell({ kind: "failed", code: error.code, message: error.message });
      this.#tell({ kind: "stopped", reason });
    });
  }

  get state(): PluginState {
    return stateOf(this.#facts);
  }

  get status(): PluginStatus {
    return statusOf(this.#facts);
  }

  get verbs(): PluginVerb[] {
    return verbsOf(this.state, this.#standing);
  }

  get standing(): Standing {
    return this.#standing;
  }

  /** The bytes whose process takes the calls; not the newest when those are broken or wait. */
  get inForce(): PluginPackage | undefined {
    return this.#inForce;
  }

  /** The process that takes calls. */
  get process(): RunningPlugin | undefined {
    return this.#slot?.process;
  }

  /** Processes that finish their last calls. */
  get drainingProcesses(): RunningPlugin[] {
    return this.#drains.processes;
  }

  get callsUnderWay(): number {
    return this.#calls.underWay;
  }

  get statistics(): CallStatistics {
    return this.#calls.statistics;
  }

  /** What the process that ended last wrote last to stderr. */
  get stderrTail(): readonly string[] {
    return this.#stderrTail;
  }

  get health(): PluginHealth {
    return this.#slot ? this.#health : "unknown";
  }

  /** Why it, or its newest build, does not run although it is wished to. */
  get block(): Block | undefined {
    if (!this.#refused) return this.#standing.block;
    const { code, message } = this.#refused.error;
    return { code: code === "plugin_sandbox_unavailable" ? "sandbox_unavailable" : "failed", message };
  }

  /** Whether calls are let in, as far as wishes and quarantine go. */
  get isOpen(): boolean {
    return this.#isWanted && !this.#standing.isPaused;
  }

  /**
   * Takes what was decided: starts, ends or exchanges its process, and settles when that is done. A build that does not
   * come up leaves the one before in force and stands in {@link block}.
   */
  async apply(next: Standing): Promise<void> {
    const wasQuarantined = this.#standing.quarantine !== undefined;
    this.#standing = next;
    if (wasQuarantined && !next.quarantine) this.#forgive();
    if (!this.isOpen) this.#shut();
    await this.#life.run(() => this.#reconcile());
    this.#tell({ kind: "changed" });
  }

  /** Starts its process now. @throws AppError why it does not start */
  async start(): Promise<void> {
    this.#isStopped = false;
    this.#forgive();
    await this.#alive(() => this.#start());
  }

  /** Ends its process once its calls are done; it takes no new ones until it is started. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#shut();
    await this.#alive(async () => this.#end("it was stopped"));
  }

  /**
   * Exchanges its process without a dropped call: start, look at its health, switch, let the old one finish.
   * @throws AppError why the new process does not come up; the old one goes on
   */
  async reload(): Promise<void> {
    await this.#alive(() => this.#renew());
  }

  /**
   * Brings its process together with what it is set to now: a changed configuration is given to it, and a process that
   * does not take that, or whose grants are others now, is exchanged.
   * @throws AppError why that did not work. With the grants of before nothing runs on: its process ends.
   */
  async configure(): Promise<void> {
    await this.#alive(async () => {
      // What failed before may have been the configuration.
      this.#forgive();
      if (this.#slot) await this.#resettle(this.#slot);
    });
  }

  /** Ends everything of it for good; calls under way have `graceMs`. */
  async close(graceMs: number): Promise<void> {
    this.#isClosed = true;
    this.#shut();
    await this.#life.run(() => this.#end("it is not to run any more", graceMs));
    await Promise.all(this.#background);
    await this.#drains.settled();
    this.#tell({ kind: "changed" });
  }

  /**
   * Calls the plugin when it is its turn; a process is started when there is none.
   * @throws AppError `plugin_inactive`, `plugin_not_approved`, `plugin_quarantined`, `plugin_unhealthy`, `plugin_busy`,
   *   `cancelled`, why it does not start, and what {@link RunningPlugin.invoke} throws
   */
  async call(verb: string, input: unknown, options: CallOptions): Promise<unknown> {
    return this.#calls.run(options, (process) => process.invoke(verb, input, options));
  }

  /** Hands it an event. @throws AppError as {@link call} */
  async deliver(event: unknown, attempt: number, options: CallOptions): Promise<void> {
    return this.#calls.run(options, (process) => process.deliver(event, attempt, options));
  }

  /** Takes what a health check found; while it is unhealthy, calls are refused. */
  setHealth(health: PluginHealth): void {
    if (health === this.#health) return;
    this.#health = health;
    this.#tell({ kind: "changed" });
  }

  get #isWanted(): boolean {
    const { isEnabled, quarantine } = this.#standing;
    return isEnabled && !this.#isStopped && !quarantine && !this.#isClosed;
  }

  get #isBroken(): boolean {
    return this.#refused !== undefined && this.#refused.digest === this.#inForce?.digest;
  }

  get #facts(): UnitFacts {
    const { isEnabled, isPaused, quarantine } = this.#standing;
    return {
      isEnabled,
      isPaused,
      isStopped: this.#isStopped || this.#isClosed,
      isQuarantined: quarantine !== undefined,
      canRun: this.#inForce !== undefined && !this.#isBroken,
      process: this.#slot ? "active" : this.#starts.isUnderWay ? "initialized" : "none",
      hasFailed: this.#refused !== undefined || this.#restarts.isPending,
    };
  }

  #admit(): void {
    if (!this.isOpen) throw this.#refusal();
    if (this.health === "unhealthy") {
      throw new AppError("plugin_unhealthy", undefined, { retryAfterMs: UNHEALTHY_RETRY_MS });
    }
  }

  #refusal(): AppError {
    return refusalOf(this.#standing, this.block, { isStopped: this.#isStopped, isClosed: this.#isClosed });
  }

  /** Runs a step of its life when it is its turn, and tells that something may look different. */
  async #alive(step: () => Promise<void>): Promise<void> {
    await this.#life.run(step).finally(() => this.#tell({ kind: "changed" }));
  }

  /** Brings bytes and process together with what was decided. */
  async #reconcile(): Promise<void> {
    const { package: newest, isPaused } = this.#standing;
    if (isWithdrawn(this.#standing)) this.#withdraw();
    if (newest && newest.digest !== this.#inForce?.digest && newest.digest !== this.#refused?.digest) {
      this.#forgive();
      if (this.#inForce && this.isOpen) await tryOut(() => this.#exchange(newest));
      else this.#adopt(newest);
    }
    if (!this.#isWanted) return this.#end("it is not to run");
    if (!isPaused && this.#inForce && isEager(this.#inForce.manifest)) await tryOut(() => this.#start());
  }

  async #renew(): Promise<void> {
    this.#forgive();
    const newest = this.#standing.package ?? this.#inForce;
    if (!newest) throw this.#refusal();
    if (this.isOpen) await this.#exchange(newest);
    else this.#adopt(newest);
  }

  async #resettle(slot: Slot): Promise<void> {
    const setting = this.#settingOf(slot.package);
    if (!isDeepStrictEqual(setting.grants, slot.setting.grants)) {
      try {
        await this.#renew();
      } catch (error) {
        this.#end("what it may do has changed");
        throw error;
      }
    } else if (!isDeepStrictEqual(setting.config, slot.setting.config)) {
      try {
        await slot.configure(setting);
      } catch {
        // It is stored: a new process begins with it, or says why it cannot.
        await this.#renew();
      }
    }
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

  #withdraw(): void {
    this.#inForce = undefined;
    this.#refused = undefined;
    this.#end("it may not run any more");
  }

  /** Takes bytes without trying them: they are tried by the first call. */
  #adopt(newest: PluginPackage): void {
    this.#end("another build took its place");
    this.#inForce = newest;
    this.#calls.limit = this.#parts.concurrencyOf(newest);
  }

  /** A process of the build in force. @throws AppError why there is none */
  async #start(): Promise<void> {
    if (this.#slot) return;
    if (!this.#isWanted || !this.#inForce) throw this.#refusal();
    if (this.#isBroken && this.#refused) throw this.#refused.error;
    if (this.#restarts.isPending) {
      const why = "The plugin crashed and is started again in a moment.";
      throw new AppError("plugin_inactive", why, { retryAfterMs: this.#restarts.waitMs });
    }
    try {
      const slot = await this.#starts.launch(this.#inForce);
      slot.demandAlive();
      this.#take(slot);
    } catch (thrown) {
      const error = toAppError(thrown);
      if (!this.#isWanted) throw this.#refusal();
      if (isFinal(error)) this.#refuse(this.#inForce, error);
      else this.#crashed(error.message, this.#stderrTail);
      throw error;
    }
  }

  /** Start, check, switch, drain. @throws AppError why the new process is not taken */
  async #exchange(newest: PluginPackage): Promise<void> {
    await this.#drains.below(MAX_DRAINING);
    const fromVersion = this.#inForce?.manifest.version ?? "";
    const next = await this.#tryOut(newest);
    if (!this.isOpen) return next.discard("it was stopped meanwhile");
    next.demandAlive();
    this.#end("another process took its place");
    this.#inForce = newest;
    this.#calls.limit = this.#parts.concurrencyOf(newest);
    this.#take(next);
    this.#tell({ kind: "reloaded", fromVersion });
  }

  async #tryOut(newest: PluginPackage): Promise<Slot> {
    try {
      return await this.#starts.tryOut(newest);
    } catch (thrown) {
      const error = toAppError(thrown);
      if (this.isOpen) this.#refuse(newest, error);
      throw error;
    }
  }

  #take(slot: Slot): void {
    this.#slot = slot;
    this.#refused = undefined;
    this.#health = "unknown";
    if (!isEager(slot.package.manifest)) this.#idleness.start();
  }

  /** Nobody ordered it. A process that is only tried out fails with its trial. */
  #exited(slot: Slot, exit: ProcessExit): void {
    this.#stderrTail = exit.stderrTail;
    if (this.#slot !== slot) return;
    this.#slot = undefined;
    this.#crashed(exitReason(exit), exit.stderrTail);
  }

  #crashed(reason: string, stderrTail: readonly string[]): void {
    const crashes = this.#restarts.count();
    this.#tell({ kind: "crashed", reason, crashes, stderrTail });
    if (crashes >= MAX_CRASHES) this.#quarantine(`It crashed ${crashes} times in 5 minutes. ${reason}`);
    // Whatever keeps it from starting is told by the start itself.
    else if (this.isOpen) {
      this.#restarts.schedule(() => this.#inBackground(() => this.#restart()));
    }
    this.#tell({ kind: "changed" });
  }

  async #restart(): Promise<void> {
    await tryOut(() => this.#start());
    if (this.isOpen) this.#tell({ kind: "restarted", hasSucceeded: this.#slot !== undefined });
  }

  #quarantine(reason: string): void {
    this.#standing = { ...this.#standing, quarantine: { reason, at: this.#parts.clock.now() } };
    this.#shut();
    this.#tell({ kind: "quarantined", reason, digest: this.#inForce?.digest ?? "" });
  }

  #refuse({ digest }: PluginPackage, error: AppError): void {
    this.#refused = { digest, error };
    this.#tell({ kind: "failed", code: error.code, message: error.message });
  }

  /** Lets nobody in any more, at once: whoever waits is told, a start under way is given up. */
  #shut(): void {
    this.#restarts.cancel();
    const error = this.#refusal();
    this.#starts.giveUp(error);
    this.#calls.refuseWaiting(error);
  }

  #forgive(): void {
    this.#refused = undefined;
    this.#restarts.forgive();
  }

  /** Takes its process out of use and lets it finish. */
  #end(reason: string, graceMs?: number): void {
    this.#idleness.stop();
    const slot = this.#slot;
    this.#slot = undefined;
    if (slot) this.#drains.add(slot, reason, graceMs ?? this.#parts.graceMsOf(slot.package));
  }

  #inBackground(step: () => Promise<void> | void): void {
    const work = this.#alive(async () => step()).finally(() => this.#background.delete(work));
    this.#background.add(work);
  }

  #tell(occurrence: Occurrence): void {
    this.#parts.hear(this, occurrence);
  }
}
