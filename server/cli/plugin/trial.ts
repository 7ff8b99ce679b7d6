import { VERB_OF_TYPE } from "../../../schema/plugin/author.ts";
import type { HealthReport } from "../../../schema/plugin/rpc.ts";
import type { SandboxLevel } from "../../../schema/rules/plugins.ts";
import { AppError, toAppError } from "../../errors/app-error.ts";
import { systemClock } from "../../lib/clock.ts";
import { newId } from "../../lib/ids.ts";
import { compileSchema } from "../../lib/json-schema.ts";
import type { PluginLogLine } from "../../plugins/broker/log-lines.ts";
import { launchJail } from "../../plugins/jail/launch.ts";
import { defaultsOf } from "../../plugins/manifest/config-rules.ts";
import { plannedFields } from "../../plugins/manifest/planned-fields.ts";
import type { PluginProgram, ProcessLimits, RunningPlugin } from "../../plugins/process/plugin-process.ts";
import { createStartPlugin } from "../../plugins/process/start-plugin.ts";
import type { PluginPackage } from "../../plugins/trust/plugin-package.ts";
import { readPlugin } from "./read-plugin.ts";
import { TrialBroker, type TrialSetting } from "./trial-broker.ts";

const MIB = 1_024 * 1_024;
/** As a server has them that sets nothing else. */
const DEFAULT_LIMITS = { timeoutMs: 300_000, memoryMib: 256, concurrency: 5, outputBytes: 4 * MIB };
const HEALTH_TIMEOUT_MS = 5_000;
const DRAIN_MS = 5_000;
const CALLER = "plugin test";

/** How a plugin is tried. */
export interface Trial extends TrialSetting {
  path: string;
  input: unknown;
  /** In place of the verb of its type. */
  verb?: string;
  timeoutMs?: number;
  /** Whether it may run without a kernel that holds it. */
  isSandboxRequired: boolean;
  signal: AbortSignal;
}

/** What became of it. */
export interface TrialReport {
  id: string;
  version: string;
  level: SandboxLevel | null;
  /** From the order to a plugin that takes calls. */
  startedInMs: number | null;
  /** Functions that the plugin has. */
  verbs: string[];
  health: HealthReport | null;
  /** What was called, and what it answered. */
  verb: string;
  result: unknown;
  durationMs: number | null;
  memoryBytes: number | null;
  log: Pick<PluginLogLine, "level" | "source" | "message" | "fields">[];
  metrics: { key: string; value: number }[];
  events: { type: string; payload: unknown }[];
  denials: string[];
  /** What its manifest says that does nothing yet. */
  planned: string[];
  refusedGrants: { text: string; reason: string }[];
  error: { code: string; message: string } | null;
  stderrTail: string[];
}

/**
 * Runs a plugin once in the real sandbox, without a server: start, health, one call, shutdown. What the plugin does wrong
 * is part of the report.
 * @throws AppError `plugin_invalid` when it cannot be read, `validation_failed` when its configuration is wrong
 */
export async function tryPlugin(trial: Trial): Promise<TrialReport> {
  const plugin = await readPlugin(trial.path);
  const config = configurationOf(plugin, trial.config);
  await using broker = new TrialBroker(plugin, { ...trial, config });
  const { id, version, type } = plugin.manifest;
  const verb = trial.verb ?? VERB_OF_TYPE[type];
  const report: TrialReport = {
    ...{ id, version, verb, level: null, startedInMs: null, verbs: [], health: null, result: null },
    ...{
      durationMs: null,
      memoryBytes: null,
      log: [],
      metrics: [],
      events: broker.events,
      denials: broker.denials,
      planned: plannedFields(plugin.manifest),
    },
    ...{ refusedGrants: [...broker.refused], error: null, stderrTail: [] },
  };
  try {
    await walkThrough(trial, plugin, config, broker, report);
  } catch (thrown) {
    const { code, message } = toAppError(thrown);
    report.error = { code, message };
  }
  report.log = broker
    .linesOf(id)
    .map(({ level, source, message, fields }) => ({ level, source, message, fields }));
  report.metrics = broker.metrics();
  return report;
}

async function walkThrough(
  trial: Trial,
  plugin: PluginPackage,
  config: unknown,
  broker: TrialBroker,
  report: TrialReport,
): Promise<void> {
  const { id, version, main } = plugin.manifest;
  const program: PluginProgram = { id, version, main, files: plugin.files, config, allowedImports: ["*"] };
  const start = createStartPlugin({
    clock: systemClock,
    launchJail,
    openBroker: () => broker.session,
    isSandboxRequired: () => trial.isSandboxRequired,
  });
  const startedAt = performance.now();
  const running = await start(program, limitsOf(plugin, trial.timeoutMs), trial.signal);
  try {
    report.startedInMs = Math.round(performance.now() - startedAt);
    report.level = running.level;
    report.verbs = [...running.loaded.verbs];
    report.health = await running.health(HEALTH_TIMEOUT_MS);
    await call(running, trial, report);
  } finally {
    report.memoryBytes = running.usage()?.pssBytes ?? null;
    await running.drain(DRAIN_MS);
    report.stderrTail = [...(await running.exited).stderrTail];
  }
}

async function call(running: RunningPlugin, trial: Trial, report: TrialReport): Promise<void> {
  const calledAt = performance.now();
  const { verb } = report;
  const options = { correlationId: newId(), caller: CALLER, signal: trial.signal };
  try {
    report.result = await running.invoke(verb, trial.input, options);
  } finally {
    report.durationMs = Math.round(performance.now() - calledAt);
  }
}

function limitsOf({ manifest: { limits = {} } }: PluginPackage, timeoutMs?: number): ProcessLimits {
  const { memoryMib, ...own } = { ...DEFAULT_LIMITS, ...limits };
  return { ...own, memoryBytes: memoryMib * MIB, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
}

function configurationOf(
  { manifest: { id, config: schema } }: PluginPackage,
  given: Record<string, unknown>,
): Record<string, unknown> {
  const values = { ...defaultsOf(schema), ...given };
  if (!schema) {
    if (Object.keys(given).length === 0) return values;
    throw new AppError("validation_failed", `The plugin ${id} has nothing to configure.`);
  }
  const compiled = compileSchema(schema);
  if ("refused" in compiled) throw new AppError("plugin_invalid", compiled.refused);
  const issues = compiled.check(values);
  if (issues.length === 0) return values;
  const words = issues.map(({ path, message }) => `${path} ${message}`.trim()).join("; ");
  throw new AppError("validation_failed", `The configuration is wrong: ${words}.`, { issues });
}
