import type { HealthReport } from "../../../schema/plugin/rpc.ts";
import { AppError } from "../../../server/errors/app-error.ts";
import type { ProcessExit, RunningPlugin } from "../../../server/plugins/process/plugin-process.ts";
import type { PluginPackage } from "../../../server/plugins/trust/plugin-package.ts";

/** A plugin in this process, in place of a jailed one: answers as it is told and counts what is asked of it. */
export class FakeProcess implements RunningPlugin {
  static nextPid = 1;
  readonly pid = FakeProcess.nextPid++;
  readonly level = "full" as const;
  readonly startedAt = 0;
  readonly loaded = { verbs: ["execute", "health", "onEvent", "onRequest"] };
  readonly package: PluginPackage;
  readonly exited: Promise<ProcessExit>;
  readonly invoked: { verb: string; input: unknown }[] = [];
  readonly delivered: { event: unknown; attempt: number }[] = [];
  readonly configured: unknown[] = [];
  answer: (verb: string, input: unknown) => unknown = (_verb, input) => input;
  answerEvent: (event: unknown, attempt: number) => unknown = () => undefined;
  report: () => HealthReport | Promise<HealthReport> = () => ({ status: "healthy" });
  takesConfig = true;
  isDraining = false;
  hasEnded = false;
  killedFor: string | undefined;
  callsUnderWay = 0;
  readonly #exit = Promise.withResolvers<ProcessExit>();
  readonly #idle: (() => void)[] = [];

  constructor(pluginPackage: PluginPackage) {
    this.package = pluginPackage;
    this.exited = this.#exit.promise;
  }

  async invoke(verb: string, input: unknown): Promise<unknown> {
    if (this.isDraining || this.hasEnded) throw new Error("A call reached a process that takes none.");
    this.invoked.push({ verb, input });
    return this.#counted(() => this.answer(verb, input));
  }

  async deliver(event: unknown, attempt: number): Promise<void> {
    this.delivered.push({ event, attempt });
    await this.#counted(() => this.answerEvent(event, attempt));
  }

  async health(): Promise<HealthReport> {
    return this.report();
  }

  async configure(config: unknown): Promise<void> {
    if (!this.takesConfig) throw new AppError("plugin_execution_failed");
    this.configured.push(config);
  }

  usage() {
    return this.hasEnded
      ? undefined
      : { cpuSeconds: 1, pssBytes: 10_000_000, rssBytes: 30_000_000, threads: 5 };
  }

  async drain(): Promise<void> {
    this.isDraining = true;
    if (this.callsUnderWay > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
    this.#end({ code: 0, signal: undefined, killedFor: undefined, stderrTail: [] });
  }

  kill(reason: string): void {
    this.killedFor = reason;
    this.#end({ code: undefined, signal: "SIGKILL", killedFor: reason, stderrTail: [] });
  }

  /** It ends by itself. */
  crash(stderrTail: readonly string[] = ["boom"]): void {
    this.#end({ code: undefined, signal: "SIGSEGV", killedFor: undefined, stderrTail });
  }

  #end(exit: ProcessExit): void {
    this.hasEnded = true;
    this.#exit.resolve(exit);
  }

  async #counted<T>(work: () => T): Promise<Awaited<T>> {
    this.callsUnderWay++;
    const crashed = this.exited.then((): never => {
      throw new AppError("plugin_crashed");
    });
    try {
      return await Promise.race([Promise.resolve().then(work), crashed]);
    } finally {
      this.callsUnderWay--;
      if (this.callsUnderWay === 0) for (const resolve of this.#idle.splice(0)) resolve();
    }
  }
}
