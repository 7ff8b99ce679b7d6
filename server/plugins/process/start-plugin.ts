import { INVOKED_VERBS, LIFE_CYCLE_VERBS } from "../../../schema/plugin/author.ts";
import { type LoadResult, RPC_VERSION } from "../../../schema/plugin/rpc.ts";
import { AppError, toAppError } from "../../errors/app-error.ts";
import type { ErrorCode } from "../../errors/catalogue.ts";
import type { Clock } from "../../lib/clock.ts";
import type { BrokerSession } from "../broker/broker.ts";
import type { LargeAnswers } from "../channel/large-answers.ts";
import type { JailedProcess, JailRequest } from "../jail/jailed-process.ts";
import { filesToSend } from "./plugin-files.ts";
import {
  type PluginProgram,
  type ProcessLimits,
  type RunningPlugin,
  StartFailure,
  type StartPlugin,
} from "./plugin-process.ts";
import { PluginProcess } from "./running-plugin.ts";

export interface StartParts {
  clock: Clock;
  launchJail(request: JailRequest): Promise<JailedProcess>;
  /** Serves what the plugin asks, with what it was granted. */
  openBroker(program: PluginProgram): BrokerSession;
  /** Whether a plugin may only start where the kernel holds it (`plugins.sandbox`). */
  isSandboxRequired(program: PluginProgram): boolean;
  largeAnswers?: LargeAnswers;
  /** Landlock rights newer than this are left unused (`plugins.maxLandlockAbi`). */
  maxLandlockAbi?(): number;
}

const HELLO_TIMEOUT_MS = 15_000;
const LOAD_TIMEOUT_MS = 15_000;
const MAX_INITIALIZE_MS = 30_000;
/** Above what the host itself needs. */
const JAIL_THREADS = 16;
const JAIL_OPEN_FILES = 32;
/** Of one core. */
const JAIL_CPU_SHARE = 1;

/**
 * Starts plugin processes: jail, first words, code, `initialize`, each step within its time. Before the first words have
 * been exchanged no byte of the plugin is sent. Whatever fails, no process stays behind.
 */
export function createStartPlugin(parts: StartParts): StartPlugin {
  return async (program, limits, signal) => {
    signal.throwIfAborted();
    const jail = await parts.launchJail({
      pluginId: program.id,
      limits: {
        memoryBytes: limits.memoryBytes,
        threads: JAIL_THREADS,
        openFiles: JAIL_OPEN_FILES,
        cpuShare: JAIL_CPU_SHARE,
      },
      required: parts.isSandboxRequired(program),
      ...(parts.maxLandlockAbi ? { maxLandlockAbi: parts.maxLandlockAbi() } : {}),
    });
    let process: PluginProcess;
    try {
      process = new PluginProcess(jail, program, limits, {
        clock: parts.clock,
        broker: parts.openBroker(program),
        largeAnswers: parts.largeAnswers,
      });
    } catch (error) {
      jail.kill();
      throw error;
    }
    return bringUp(process, program, limits, signal);
  };
}

async function bringUp(
  process: PluginProcess,
  program: PluginProgram,
  limits: ProcessLimits,
  signal: AbortSignal,
): Promise<RunningPlugin> {
  try {
    await step("plugin_start_failed", signal, () => greet(process, signal));
    process.loaded = await step("plugin_load_failed", signal, () => load(process, program, signal));
    const timeoutMs = Math.min(limits.timeoutMs, MAX_INITIALIZE_MS);
    await step("plugin_start_failed", signal, () =>
      process.ask("initialize", { config: program.config }, timeoutMs, signal),
    );
    return process;
  } catch (error) {
    process.kill("it did not start");
    const { stderrTail } = await process.exited;
    throw signal.aborted ? error : new StartFailure(toAppError(error), stderrTail);
  }
}

/** Fails with `code`, whatever went wrong; with the reason of `signal` once that is aborted. */
async function step<T>(code: ErrorCode, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    throw new AppError(code, toAppError(thrown).message, { cause: thrown });
  }
}

async function greet(process: PluginProcess, signal: AbortSignal): Promise<void> {
  const hello = await process.ask(
    "hello",
    { rpcVersion: RPC_VERSION, level: process.level },
    HELLO_TIMEOUT_MS,
    signal,
  );
  const version: unknown =
    typeof hello === "object" && hello !== null && "rpcVersion" in hello && hello.rpcVersion;
  if (version === RPC_VERSION) return;
  throw new AppError("plugin_start_failed", "The plugin's host is of another version than this server.");
}

async function load(
  process: PluginProcess,
  { id, version, main, files, allowedImports }: PluginProgram,
  signal: AbortSignal,
): Promise<LoadResult> {
  const { list, contents } = filesToSend(files);
  const params = {
    pluginId: id,
    version,
    main,
    files: list,
    contents: process.channel.streams.open(contents),
    allowedImports: [...allowedImports],
  };
  return readLoadResult(await process.ask("load", params, LOAD_TIMEOUT_MS, signal));
}

/** From here on it is the plugin's own code that may have answered. */
function readLoadResult(value: unknown): LoadResult {
  const { verbs, metadata }: Record<string, unknown> = typeof value === "object" && value ? { ...value } : {};
  if (!Array.isArray(verbs)) throw new AppError("plugin_load_failed", "The plugin does not say what it has.");
  const known = [...INVOKED_VERBS, ...LIFE_CYCLE_VERBS].filter((verb) => verbs.includes(verb));
  return { verbs: known, ...(metadata === undefined ? {} : { metadata }) };
}
