import {
  type BrokerMethod,
  type HealthReport,
  type HostMethod,
  type HostMethods,
  type LoadResult,
  MAX_BROKER_REQUESTS,
} from "../../../schema/plugin/rpc.ts";
import type { SandboxLevel } from "../../../schema/rules/plugins.ts";
import { AppError } from "../../errors/app-error.ts";
import type { Clock } from "../../lib/clock.ts";
import { parsedOf } from "../../lib/json-text.ts";
import type { BrokerSession } from "../broker/broker.ts";
import { Channel } from "../channel/channel.ts";
import { ChannelError } from "../channel/failure.ts";
import type { LargeAnswers } from "../channel/large-answers.ts";
import type { ChannelEnding } from "../channel/violations.ts";
import type { JailedProcess } from "../jail/jailed-process.ts";
import { CallGate } from "../supervision/call-gate.ts";
import { CallDeadline, YIELD_GRACE_MS } from "./deadline.ts";
import { callFailure, describeToPlugin } from "./failures.ts";
import { readHealthReport } from "./health-report.ts";
import { MemoryWatch } from "./memory-watch.ts";
import { OwnCalls } from "./own-calls.ts";
import type {
  CallOptions,
  PluginProgram,
  ProcessExit,
  ProcessLimits,
  ProcessUsage,
  RunningPlugin,
} from "./plugin-process.ts";

const CONFIGURE_TIMEOUT_MS = 10_000;
const SHUTDOWN_TIMEOUT_MS = 5_000;
/** A process that has lost its channel ends by itself; after this it is ended. */
const EXIT_GRACE_MS = 1_000;
const MIB = 1024 * 1024;
/** Of what the host program says itself: what it loaded, its health, that it has heard an event. */
const MAX_HOST_ANSWER_BYTES = 64 * 1024;
const ENDED_IN_ORDER = "it was ended in order";

export interface ProcessParts {
  clock: Clock;
  broker: BrokerSession;
  /** Looks through large answers; they are parsed where they arrive when absent. */
  largeAnswers?: LargeAnswers | undefined;
}

/** A plugin's process as the server sees it. Every deadline, limit and verdict is held here; nothing it says is believed. */
export class PluginProcess implements RunningPlugin {
  readonly startedAt: number;
  readonly exited: Promise<ProcessExit>;
  loaded: LoadResult = { verbs: [] };
  readonly #program: PluginProgram;
  readonly #limits: ProcessLimits;
  readonly #jail: JailedProcess;
  readonly #clock: Clock;
  readonly #broker: BrokerSession;
  readonly #channel: Channel;
  readonly #gate: CallGate;
  readonly #memory: MemoryWatch;
  readonly #calls = new Set<Promise<void>>();
  readonly #ownCalls = new OwnCalls();
  #killedFor: string | undefined;
  #isDraining = false;

  constructor(jail: JailedProcess, program: PluginProgram, limits: ProcessLimits, parts: ProcessParts) {
    const { clock, broker, largeAnswers } = parts;
    this.startedAt = clock.now();
    this.#jail = jail;
    this.#program = program;
    this.#limits = limits;
    this.#clock = clock;
    this.#broker = broker;
    this.#gate = new CallGate(limits.concurrency);
    this.#channel = new Channel(jail.socket, {
      side: "server",
      clock,
      maxServed: MAX_BROKER_REQUESTS,
      serve: (method, params, { signal }) => this.#serve(method, params, signal),
      notified: (method, params) => this.#notified(method, params),
      describe: describeToPlugin,
      largeAnswers,
      violated: (violation) =>
        this.#log({ level: "warning", message: `It broke the contract of its channel: ${violation}` }),
    });
    this.#memory = new MemoryWatch(clock, limits.memoryBytes, {
      pssBytes: () => jail.usage()?.pssBytes,
      isBusy: () => this.callsUnderWay > 0,
      exceeded: (bytes) => this.kill(`it used ${Math.round(bytes / MIB)} MiB of memory`),
    });
    this.exited = this.#untilExited();
    void this.#channel.ended.then((ending) => this.#channelEnded(ending));
  }

  get pid(): number {
    return this.#jail.pid;
  }

  get level(): SandboxLevel {
    return this.#jail.level;
  }

  get callsUnderWay(): number {
    return this.#gate.underWay;
  }

  get channel(): Channel {
    return this.#channel;
  }

  usage(): ProcessUsage | undefined {
    return this.#jail.usage();
  }

  async invoke(verb: string, input: unknown, options: CallOptions): Promise<unknown> {
    const { correlationId, caller, takesText = false } = options;
    const answer = await this.#call("invoke", { verb, input, correlationId, caller }, options);
    return takesText ? answer : parsedOf(answer);
  }

  async deliver(event: unknown, attempt: number, options: CallOptions): Promise<void> {
    const { correlationId } = options;
    const maxOutputBytes = MAX_HOST_ANSWER_BYTES;
    await this.#call("event", { event, attempt, correlationId }, { ...options, maxOutputBytes });
  }

  async health(timeoutMs: number): Promise<HealthReport> {
    return readHealthReport(await this.ask("health", null, timeoutMs));
  }

  async configure(config: unknown): Promise<void> {
    await this.ask("configure", { config }, CONFIGURE_TIMEOUT_MS);
  }

  /**
   * Asks the host program outside of the plugin's calls.
   * @throws AppError `plugin_timeout`, `plugin_execution_failed`, `plugin_crashed`, `cancelled`
   */
  async ask<M extends HostMethod>(
    method: M,
    params: HostMethods[M]["params"],
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<unknown> {
    const deadline = this.#deadline(timeoutMs, signal);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const sending = { method, params, maxAnswerBytes: MAX_HOST_ANSWER_BYTES };
    void this.#send(sending, deadline, resolve, reject);
    return promise;
  }

  async drain(graceMs: number): Promise<void> {
    this.#isDraining = true;
    const startedMs = this.#clock.monotonic();
    await this.#until(Promise.all(this.#calls), graceMs);
    const leftMs = graceMs - (this.#clock.monotonic() - startedMs);
    this.#killedFor ??= ENDED_IN_ORDER;
    // One that cannot shut down in order is ended all the same.
    await this.ask("shutdown", null, Math.max(EXIT_GRACE_MS, Math.min(leftMs, SHUTDOWN_TIMEOUT_MS))).catch(
      () => undefined,
    );
    this.#channel.close();
    await this.exited;
  }

  kill(reason: string): void {
    this.#killedFor ??= reason;
    this.#jail.kill();
  }

  /** One of the plugin's calls: it takes a place until the plugin has answered, even when nobody waits any more. */
  async #call<M extends HostMethod>(
    method: M,
    params: HostMethods[M]["params"],
    { timeoutMs, maxOutputBytes, signal, correlationId }: CallOptions,
  ): Promise<unknown> {
    if (this.#isDraining) throw new AppError("plugin_inactive", "The plugin's process is ending.");
    const deadline = this.#deadline(
      Math.min(timeoutMs ?? this.#limits.timeoutMs, this.#limits.timeoutMs),
      signal,
    );
    this.#memory.wake();
    const isDone = this.#ownCalls.begin(correlationId);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const { outputBytes } = this.#limits;
    const sending = { method, params, maxAnswerBytes: Math.min(maxOutputBytes ?? outputBytes, outputBytes) };
    const call = this.#gate
      .run(() => this.#send(sending, deadline, resolve, reject), deadline)
      .catch((thrown) => {
        deadline.end();
        reject(deadline.reason ?? thrown);
      })
      .finally(() => {
        isDone();
        this.#calls.delete(call);
      });
    this.#calls.add(call);
    return promise;
  }

  /** Settles the answer for its caller; returns when the plugin is done with the request. Never throws. */
  async #send(
    { method, params, maxAnswerBytes }: { method: HostMethod; params: unknown; maxAnswerBytes: number },
    deadline: CallDeadline,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ): Promise<void> {
    try {
      if (deadline.reason) throw deadline.reason;
      const sent = this.#channel.request(method, params, { maxAnswerBytes });
      deadline.begin(sent.cancel);
      sent.answer.then(resolve, (thrown) => this.#fail(thrown, reject));
      await sent.answered;
    } catch (thrown) {
      await this.#fail(thrown, reject);
    } finally {
      deadline.end();
    }
  }

  /** A channel that has ended says little; how the process ended says why. */
  async #fail(thrown: unknown, reject: (error: unknown) => void): Promise<void> {
    if (thrown instanceof ChannelError && thrown.failure === "closed") {
      const { code, signal } = await this.#jail.exited;
      const how = this.#killedFor ?? endingOf(code, signal);
      reject(new AppError("plugin_crashed", `The plugin's process is gone: ${how}.`, { cause: thrown }));
    } else {
      reject(callFailure(this.#program.id, thrown));
    }
  }

  #deadline(timeoutMs: number, signal: AbortSignal | undefined): CallDeadline {
    return new CallDeadline(this.#clock, timeoutMs, signal, () =>
      this.kill(`it did not yield within ${YIELD_GRACE_MS} ms after its time was up`),
    );
  }

  /** The broker knows its methods, and refuses what is none. A line of the log may come as a request, too. */
  async #serve(method: string, params: unknown, signal: AbortSignal): Promise<unknown> {
    const given = method === "log" ? this.#ownCalls.attributed(params) : params;
    return this.#broker.serve(method as BrokerMethod, given, this.#channel.streams, signal);
  }

  #notified(method: string, params: unknown): boolean {
    if (method !== "log") return false;
    this.#log(params);
    return true;
  }

  /** A line that is refused has no reader: its flood is bounded by the channel and by the broker. */
  #log(line: unknown): void {
    const { signal } = new AbortController();
    this.#serve("log", line, signal).catch(() => undefined);
  }

  #channelEnded(ending: ChannelEnding): void {
    if (ending === "ended" || ending === "closed") {
      const grace = this.#clock.after(EXIT_GRACE_MS, () => this.kill("it lost its channel"));
      void this.exited.then(() => grace.cancel());
    } else if (ending === "not_reading") {
      this.kill("it stopped reading what it is sent");
    } else {
      this.kill(`it broke the contract of the channel (${ending.replace("violation:", "")})`);
    }
  }

  async #untilExited(): Promise<ProcessExit> {
    const { code, signal } = await this.#jail.exited;
    this.#memory.stop();
    this.#channel.close();
    const exit = { code, signal, killedFor: this.#killedFor, stderrTail: this.#jail.stderrTail() };
    await this.#broker.close();
    return exit;
  }

  async #until(work: Promise<unknown>, timeoutMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.after(timeoutMs, resolve);
    await Promise.race([work, promise]);
    timer.cancel();
  }
}

/** What the kernel does when memory runs out looks like a kill. */
function endingOf(code: number | undefined, signal: string | undefined): string {
  if (signal === undefined) return `it ended with code ${code}`;
  return signal === "SIGKILL"
    ? "it was killed (by SIGKILL), as when memory runs out"
    : `it ended by ${signal}`;
}
