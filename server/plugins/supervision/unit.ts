import type { PluginHealth, PluginState, PluginStatus, PluginVerb } from "../../../schema/rules/plugins.ts";
import { AppError } from "../../errors/app-error.ts";
import type { Clock } from "../../lib/clock.ts";
import { Mutex } from "../../lib/mutex.ts";
import type { CallOptions, RunningPlugin } from "../process/plugin-process.ts";
import type { PluginPackage } from "../trust/plugin-package.ts";
import { Builds } from "./builds.ts";
import type { CallStatistics } from "./call-statistics.ts";
import { PluginCalls } from "./calls.ts";
import type { Launcher } from "./launcher.ts";
import { UnitLife } from "./life.ts";
import type { Occurrence } from "./occurrence.ts";
import { UnitProcesses } from "./processes.ts";
import { MAX_CRASHES, Restarts } from "./restarts.ts";
import type { Setting } from "./setting.ts";
import { exitReason } from "./slot.ts";
import { type Block, type Standing, stateOf, statusOf, type UnitFacts, verbsOf } from "./standing.ts";
import { tryOut } from "./trial.ts";
import { Wishes } from "./wishes.ts";

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
  readonly #life: UnitLife;
  /** Starts, switches and ends, one at a time. */
  readonly #steps = new Mutex();
  /** What nobody waits for: restarts, ends of idle processes. */
  readonly #background = new Set<Promise<void>>();
  readonly #wishes = new Wishes();

  constructor(id: string, parts: UnitParts) {
    const { clock, launcher, random = Math.random } = parts;
    this.id = id;
    this.#parts = parts;
    this.#calls = new PluginCalls({
      clock,
      random,
      admit: () => this.#admit(),
      process: () => this.process,
      start: () => this.#alive(() => this.#life.start()),
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
          this.callsUnderWay > 0 ? undefined : this.#processes.rest("nobody uses it"),
        ),
      // Nobody ordered it.
      crashed: (exit) => this.#crashed(exitReason(exit)),
      tell: (occurrence) => this.#tell(occurrence),
    });
    this.#restarts = new Restarts(clock, random);
    this.#life = new UnitLife({
      builds: this.#builds,
      processes: this.#processes,
      restarts: this.#restarts,
      settingOf: (one) => parts.settingOf(one),
      wishes: this.#wishes,
      refusal: () => this.#refusal(),
      put: (one) => this.#put(one),
      crashed: (reason) => this.#crashed(reason),
      tell: (occurrence) => this.#tell(occurrence),
    });
  }

  get state(): PluginState {
    return stateOf(this.#facts);
  }

  get status(): PluginStatus {
    return statusOf(this.#facts);
  }

  get verbs(): PluginVerb[] {
    return verbsOf(this.state, this.standing);
  }

  get standing(): Standing {
    return this.#wishes.standing;
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

  /** What the last check found: it stands while no process is needed, until the next check says otherwise. */
  get health(): PluginHealth {
    return this.#processes.health;
  }

  /** Whether the process that takes calls was found to be unhealthy: it takes none. */
  get isUnhealthy(): boolean {
    return this.#processes.isUnhealthy;
  }

  /** Why it, or its newest build, does not run although it is wished to. */
  get block(): Block | undefined {
    return this.#builds.block ?? this.standing.block;
  }

  /** Whether calls are let in, as far as wishes and quarantine go. */
  get isOpen(): boolean {
    return this.#wishes.isOpen;
  }

  /**
   * Takes what was decided: starts, ends or exchanges its process, and settles when that is done. A build that does not
   * come up leaves the one before in force and stands in {@link block}.
   */
  async apply(next: Standing): Promise<void> {
    const wasQuarantined = this.standing.quarantine !== undefined;
    this.#wishes.standing = next;
    if (wasQuarantined && !next.quarantine) this.#life.forgive();
    if (!this.isOpen) this.#shut();
    await this.#steps.run(() => this.#life.reconcile());
    this.#tell({ kind: "changed" });
  }

  /** Starts its process now. @throws AppError why it does not start */
  async start(): Promise<void> {
    this.#wishes.isStopped = false;
    this.#life.forgive();
    await this.#alive(() => this.#life.start());
  }

  /** Ends its process once its calls are done; it takes no new ones until it is started. */
  async stop(): Promise<void> {
    this.#wishes.isStopped = true;
    this.#shut();
    await this.#alive(async () => this.#processes.end("it was stopped"));
  }

  /**
   * Exchanges its process without a dropped call: start, look at its health, switch, let the old one finish.
   * @throws AppError why the new process does not come up; the old one goes on
   */
  async reload(): Promise<void> {
    await this.#alive(() => this.#life.renew());
  }

  /**
   * Brings its process together with what it is set to now: a changed configuration is given to it, and a process that
   * does not take that, or whose grants are others now, is exchanged.
   * @throws AppError why that did not work. With the grants of before nothing runs on: its process ends.
   */
  async configure(): Promise<void> {
    await this.#alive(() => this.#life.resettle());
  }

  /** Ends everything of it for good; calls under way have `graceMs`. */
  async close(graceMs: number): Promise<void> {
    this.#wishes.isClosed = true;
    this.#shut();
    await this.#steps.run(() => this.#processes.end("it is not to run any more", graceMs));
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

  get #facts(): UnitFacts {
    const { isStopped, isClosed, standing } = this.#wishes;
    const { isEnabled, isPaused, quarantine, block } = standing;
    return {
      isEnabled,
      isPaused,
      isStopped: isStopped || isClosed,
      isQuarantined: quarantine !== undefined,
      // What is decided outside and has failed is what the bytes in force are set to: no earlier ones go on.
      canRun: this.inForce !== undefined && !this.#builds.fault && block?.code !== "failed",
      process: this.process ? "active" : this.#processes.isStarting ? "initialized" : "none",
      hasFailed: this.#builds.refusal !== undefined || this.#restarts.isPending,
    };
  }

  #admit(): void {
    if (!this.isOpen) throw this.#refusal();
    if (this.isUnhealthy) {
      throw new AppError("plugin_unhealthy", undefined, { retryAfterMs: UNHEALTHY_RETRY_MS });
    }
  }

  #refusal(): AppError {
    return this.#wishes.refusal(this.block);
  }

  /** Runs a step of its life when it is its turn, and tells that something may look different. */
  async #alive(step: () => Promise<void>): Promise<void> {
    await this.#steps.run(step).finally(() => this.#tell({ kind: "changed" }));
  }

  #put(one: PluginPackage): void {
    this.#builds.put(one);
    this.#calls.limit = this.#parts.concurrencyOf(one);
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
    await tryOut(() => this.#life.start());
    // A restart that somebody stopped neither helped nor failed; one that ended in quarantine failed.
    const hasEnded = this.isOpen || this.standing.quarantine !== undefined;
    if (hasEnded) this.#tell({ kind: "restarted", hasSucceeded: this.process !== undefined });
  }

  #quarantine(reason: string): void {
    this.#wishes.quarantine({ reason, at: this.#parts.clock.now() });
    this.#shut();
    this.#processes.end("it is quarantined");
    this.#tell({ kind: "quarantined", reason, digest: this.inForce?.digest ?? "" });
  }

  /** Lets nobody in any more, at once: whoever waits is told, a start under way is given up. */
  #shut(): void {
    this.#restarts.cancel();
    const error = this.#refusal();
    this.#processes.giveUpStart(error);
    this.#calls.refuseWaiting(error);
  }

  #inBackground(step: () => Promise<void> | void): void {
    const work = this.#alive(async () => step()).finally(() => this.#background.delete(work));
    this.#background.add(work);
  }

  #tell(occurrence: Occurrence): void {
    this.#parts.hear(this, occurrence);
  }
}
