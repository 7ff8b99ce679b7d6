import { isDeepStrictEqual } from "node:util";
import type { PluginHealth, PluginState, PluginStatus, PluginVerb } from "../../../schema/rules/plugins.ts";
import { AppError, toAppError } from "../../errors/app-error.ts";
import type { Clock } from "../../lib/clock.ts";
import { Mutex } from "../../lib/mutex.ts";
import type { CallOptions, RunningPlugin } from "../process/plugin-process.ts";
import type { PluginPackage } from "../trust/plugin-package.ts";
import { Builds } from "./builds.ts";
import type { CallStatistics } from "./call-statistics.ts";
import { PluginCalls } from "./calls.ts";
import type { Launcher } from "./launcher.ts";
import type { Occurrence } from "./occurrence.ts";
import { UnitProcesses } from "./processes.ts";
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
  readonly #builds = new Builds();
  readonly #processes: UnitProcesses;
  readonly #restarts: Restarts;
  /** Starts, switches and ends, one at a time. */
  readonly #life = new Mutex();
  /** What nobody waits for: restarts, ends of idle processes. */
  readonly #background = new Set<Promise<void>>();
  #standing: Standing = NOTHING;
  #isStopped = false;
  #isClosed = false;

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
      used: () => this.#processes.used(),
      failed: (failure) => this.#tell({ kind: "call_failed", failure }),
    });
    this.#processes = new UnitProcesses({
      clock,
      launcher,
      settingOf: (one) => parts.settingOf(one),
      graceMsOf: (one) => parts.graceMsOf(one),
      isInUse: () => this.callsUnderWay > 0,
      idle: () =>
        this.#inBackground(() =>
          this.callsUnderWay > 0 ? undefined : this.#processes.end("nobody uses it"),
        ),
      // Nobody ordered it.
      crashed: (exit) => this.#crashed(exitReason(exit)),
      tell: (occurrence) => this.#tell(occurrence),
    });
    this.#restarts = new Restarts(clock, random);
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
    return this.#builds.inForce;
  }

  /** The process that takes calls. */
  get process(): RunningPlugin | undefined {
    return this.#processes.current?.process;
  }

  /** Processes that finish their last calls. */
  get drainingProcesses(): RunningPlugin[] {
    return this.#processes.draining;
  }

  get callsUnderWay(): number {
    return this.#calls.underWay;
  }

  get statistics(): CallStatistics {
    return this.#calls.statistics;
  }

  /** What the process that ended last wrote last to stderr. */
  get stderrTail(): readonly string[] {
    return this.#processes.stderrTail;
  }

  get health(): PluginHealth {
    return this.#processes.health;
  }

  /** Why it, or its newest build, does not run although it is wished to. */
  get block(): Block | undefined {
    return this.#builds.block ?? this.#standing.block;
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
    await this.#alive(async () => this.#processes.end("it was stopped"));
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
      const { current } = this.#processes;
      if (current) await this.#resettle(current);
    });
  }

  /** Ends everything of it for good; calls under way have `graceMs`. */
  async close(graceMs: number): Promise<void> {
    this.#isClosed = true;
    this.#shut();
    await this.#life.run(() => this.#processes.end("it is not to run any more", graceMs));
    await Promise.all(this.#background);
    await this.#processes.settled();
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
    if (this.#processes.setHealth(health)) this.#tell({ kind: "changed" });
  }

  get #isWanted(): boolean {
    const { isEnabled, quarantine } = this.#standing;
    return isEnabled && !this.#isStopped && !quarantine && !this.#isClosed;
  }

  get #facts(): UnitFacts {
    const { isEnabled, isPaused, quarantine } = this.#standing;
    return {
      isEnabled,
      isPaused,
      isStopped: this.#isStopped || this.#isClosed,
      isQuarantined: quarantine !== undefined,
      // What is decided outside and has failed is what the bytes in force are set to: no earlier ones go on.
      canRun: this.inForce !== undefined && !this.#builds.fault && this.#standing.block?.code !== "failed",
      process: this.process ? "active" : this.#processes.isStarting ? "initialized" : "none",
      hasFailed: this.#builds.refusal !== undefined || this.#restarts.isPending,
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
    if (isWithdrawn(this.#standing)) {
      this.#builds.withdraw();
      this.#processes.end("it may not run any more");
    }
    if (newest && this.#builds.isNews(newest)) {
      this.#forgive();
      if (this.inForce && this.isOpen) await tryOut(() => this.#exchange(newest));
      else this.#adopt(newest);
    }
    if (!this.#isWanted) return this.#processes.end("it is not to run");
    if (!isPaused && this.inForce && isEager(this.inForce.manifest)) await tryOut(() => this.#start());
  }

  async #renew(): Promise<void> {
    this.#forgive();
    const newest = this.#standing.package ?? this.inForce;
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
        this.#processes.end("what it may do has changed");
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

  /** Takes bytes without trying them: they are tried by the first call. */
  #adopt(newest: PluginPackage): void {
    this.#processes.end("another build took its place");
    this.#put(newest);
  }

  #put(one: PluginPackage): void {
    this.#builds.put(one);
    this.#calls.limit = this.#parts.concurrencyOf(one);
  }

  /** A process of the build in force. @throws AppError why there is none */
  async #start(): Promise<void> {
    if (this.process) return;
    const { inForce, fault } = this.#builds;
    if (!this.#isWanted || !inForce) throw this.#refusal();
    if (fault) throw fault;
    if (this.#restarts.isPending) {
      const why = "The plugin crashed and is started again in a moment.";
      throw new AppError("plugin_inactive", why, { retryAfterMs: this.#restarts.waitMs });
    }
    try {
      await this.#processes.start(inForce);
      this.#builds.forgive();
    } catch (thrown) {
      const error = toAppError(thrown);
      if (!this.#isWanted) throw this.#refusal();
      if (isFinal(error)) this.#refuse(inForce, error);
      else this.#crashed(error.message);
      throw error;
    }
  }

  /** Start, check, switch, drain. @throws AppError why the new process is not taken */
  async #exchange(newest: PluginPackage): Promise<void> {
    await this.#processes.roomToDrain();
    const fromVersion = this.inForce?.manifest.version ?? "";
    const next = await this.#tryOut(newest);
    if (!this.isOpen) return next.discard("it was stopped meanwhile");
    this.#processes.exchange(next);
    this.#put(newest);
    this.#builds.forgive();
    this.#tell({ kind: "reloaded", fromVersion });
  }

  async #tryOut(newest: PluginPackage): Promise<Slot> {
    try {
      return await this.#processes.tryOut(newest);
    } catch (thrown) {
      const error = toAppError(thrown);
      if (this.isOpen) this.#refuse(newest, error);
      throw error;
    }
  }

  #crashed(reason: string): void {
    const crashes = this.#restarts.count();
    this.#tell({ kind: "crashed", reason, crashes, stderrTail: this.stderrTail });
    if (crashes >= MAX_CRASHES) this.#quarantine(`It crashed ${crashes} times in 5 minutes. ${reason}`);
    // Whatever keeps it from starting is told by the start itself.
    else if (this.isOpen) {
      this.#restarts.schedule(() => this.#inBackground(() => this.#restart()));
    }
    this.#tell({ kind: "changed" });
  }

  async #restart(): Promise<void> {
    await tryOut(() => this.#start());
    // A restart that somebody stopped neither helped nor failed; one that ended in quarantine failed.
    const hasEnded = this.isOpen || this.#standing.quarantine !== undefined;
    if (hasEnded) this.#tell({ kind: "restarted", hasSucceeded: this.process !== undefined });
  }

  #quarantine(reason: string): void {
    this.#standing = { ...this.#standing, quarantine: { reason, at: this.#parts.clock.now() } };
    this.#shut();
    this.#tell({ kind: "quarantined", reason, digest: this.inForce?.digest ?? "" });
  }

  #refuse(one: PluginPackage, error: AppError): void {
    this.#builds.refuse(one, error);
    this.#tell({ kind: "failed", code: error.code, message: error.message });
  }

  /** Lets nobody in any more, at once: whoever waits is told, a start under way is given up. */
  #shut(): void {
    this.#restarts.cancel();
    const error = this.#refusal();
    this.#processes.giveUpStart(error);
    this.#calls.refuseWaiting(error);
  }

  #forgive(): void {
    this.#builds.forgive();
    this.#restarts.forgive();
  }

  #inBackground(step: () => Promise<void> | void): void {
    const work = this.#alive(async () => step()).finally(() => this.#background.delete(work));
    this.#background.add(work);
  }

  #tell(occurrence: Occurrence): void {
    this.#parts.hear(this, occurrence);
  }
}
