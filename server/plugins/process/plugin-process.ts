import type { HealthReport, LoadResult } from "../../../schema/plugin/rpc.ts";
import type { SandboxLevel } from "../../../schema/rules/plugins.ts";
import { AppError } from "../../errors/app-error.ts";

/** What a process is given to run. */
export interface PluginProgram {
  id: string;
  version: string;
  main: string;
  /** Path inside the plugin's folder → bytes, as pinned. */
  files: ReadonlyMap<string, Uint8Array>;
  config: unknown;
  allowedImports: readonly string[];
}

export interface ProcessLimits {
  timeoutMs: number;
  memoryBytes: number;
  concurrency: number;
  outputBytes: number;
}

/** What one process has used since it started. */
export interface ProcessUsage {
  cpuSeconds: number;
  pssBytes: number;
  rssBytes: number;
  threads: number;
}

export interface CallOptions {
  /** Shortens the plugin's own limit, never lengthens it. */
  timeoutMs?: number;
  /** A large answer may be given as the text in which it came, a `JsonText`. */
  takesText?: boolean;
  /** Lowers the plugin's own limit on an answer, never raises it. */
  maxOutputBytes?: number;
  signal?: AbortSignal;
  correlationId: string;
  /** Name of the principal or part that calls. */
  caller: string;
}

export interface ProcessExit {
  code: number | undefined;
  signal: string | undefined;
  /** What the server did it for; undefined when it ended by itself: a crash. */
  killedFor: string | undefined;
  stderrTail: readonly string[];
}

/** One running plugin: a jailed process with its channel and broker, watched from outside. */
export interface RunningPlugin {
  readonly pid: number;
  readonly level: SandboxLevel;
  readonly startedAt: number;
  readonly loaded: LoadResult;
  readonly callsUnderWay: number;
  readonly exited: Promise<ProcessExit>;
  /** @throws AppError `plugin_timeout`, `plugin_execution_failed`, `plugin_busy`, `plugin_crashed`, `cancelled` */
  invoke(verb: string, input: unknown, options: CallOptions): Promise<unknown>;
  deliver(event: unknown, attempt: number, options: CallOptions): Promise<void>;
  health(timeoutMs: number): Promise<HealthReport>;
  configure(config: unknown): Promise<void>;
  usage(): ProcessUsage | undefined;
  /** Takes nothing new, waits for what is under way, lets the plugin shut down, ends the process; kills at the end of `graceMs`. */
  drain(graceMs: number): Promise<void>;
  /** SIGKILL, now. */
  kill(reason: string): void;
}

/** A start that failed, with the last words of its process. */
export class StartFailure extends AppError {
  readonly stderrTail: readonly string[];

  constructor({ code, message, cause }: AppError, stderrTail: readonly string[]) {
    super(code, message, { cause });
    this.stderrTail = stderrTail;
  }
}

/** Starts a process up to a loaded and initialised module. @throws StartFailure `plugin_start_failed`, `plugin_load_failed`; AppError `plugin_start_failed`, `plugin_sandbox_unavailable` */
export type StartPlugin = (
  program: PluginProgram,
  limits: ProcessLimits,
  signal: AbortSignal,
) => Promise<RunningPlugin>;
