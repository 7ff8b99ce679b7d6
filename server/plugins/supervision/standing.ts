import type { PluginManifest } from "../../../schema/plugin/manifest.ts";
import {
  type PluginBlock,
  type PluginState,
  type PluginStatus,
  type PluginVerb,
  VERBS_OF_STATE,
} from "../../../schema/rules/plugins.ts";
import { AppError } from "../../errors/app-error.ts";
import type { PluginPackage } from "../trust/plugin-package.ts";

/** Why a plugin, or its newest build, does not run although it is wished to. */
export interface Block {
  code: PluginBlock;
  message: string;
}

export interface Quarantine {
  reason: string;
  /** Epoch milliseconds. */
  at: number;
}

/** What is decided about a plugin outside of its supervision: which bytes may run, and what people wish. */
export interface Standing {
  /** The newest bytes that may run; undefined when none may. */
  package: PluginPackage | undefined;
  /** Why the newest found bytes may not run; undefined when they may. */
  block: Block | undefined;
  /** Its files are not there any more: what ran of them ends. */
  isGone: boolean;
  needsApproval: boolean;
  isEnabled: boolean;
  isPaused: boolean;
  quarantine: Quarantine | undefined;
}

/** What the state follows from. */
export interface UnitFacts {
  isEnabled: boolean;
  isPaused: boolean;
  /** Stopped by a person, until they start it or the server does again. */
  isStopped: boolean;
  isQuarantined: boolean;
  /** Whether there are bytes that may run and are not known to be broken. */
  canRun: boolean;
  /** Its process: none, up and being looked at, or taking calls. */
  process: "none" | "initialized" | "active";
  /** Whether its last start failed, or its process crashed and is not back yet. */
  hasFailed: boolean;
}

/** How far a plugin has come. */
export function stateOf(facts: UnitFacts): PluginState {
  if (facts.isQuarantined) return "quarantined";
  if (!facts.isEnabled || facts.isStopped) return "inactive";
  if (!facts.canRun && facts.process === "none") return "unloaded";
  if (facts.isPaused) return "paused";
  return facts.process === "none" ? "loaded" : facts.process;
}

/** What its process does. */
export function statusOf(facts: UnitFacts): PluginStatus {
  if (facts.isQuarantined) return "ERROR";
  if (!facts.isEnabled || facts.isStopped) return "STOPPED";
  if (facts.hasFailed && facts.process === "none") return "ERROR";
  if (facts.isPaused) return "PAUSED";
  return facts.process === "none" ? "IDLE" : "RUNNING";
}

/** What a person can do with it now. */
export function verbsOf(
  state: PluginState,
  { needsApproval, isEnabled }: Pick<Standing, "needsApproval" | "isEnabled">,
): PluginVerb[] {
  return VERBS_OF_STATE[state].filter((verb) => {
    if (verb === "approve") return needsApproval;
    if (verb === "enable") return !isEnabled;
    if (verb === "disable") return isEnabled;
    return verb !== "start" || isEnabled;
  });
}

/** Whether its process runs from the start, rather than from the first call: a request must not wait for one. */
export const isEager = ({ activation, type, middleware }: PluginManifest): boolean =>
  activation === "eager" || type === "middleware" || middleware !== undefined;

/** Blocks of the newest bytes under which the ones before run on. */
const KEEPS_RUNNING: ReadonlySet<PluginBlock> = new Set(["invalid", "awaiting_approval", "failed"]);

/** Whether the bytes in force have to go: the newest may not run, and not for a reason that is only theirs. */
export const isWithdrawn = ({ package: newest, block, isGone }: Standing): boolean =>
  isGone || (newest === undefined && !(block !== undefined && KEEPS_RUNNING.has(block.code)));

/** Why a call cannot be let in; `block` is what the plugin shows. */
export function refusalOf(
  { quarantine, isEnabled, isPaused }: Standing,
  block: Block | undefined,
  { isStopped, isClosed }: { isStopped: boolean; isClosed: boolean },
): AppError {
  if (quarantine)
    return new AppError(
      "plugin_quarantined",
      `The plugin is quarantined until it is released: ${quarantine.reason}`,
    );
  if (isClosed) return new AppError("plugin_inactive", "The server stops.");
  if (!isEnabled) return new AppError("plugin_inactive", "The plugin is disabled; enable it first.");
  if (isStopped) return new AppError("plugin_inactive", "The plugin was stopped; start it first.");
  if (isPaused) return new AppError("plugin_inactive", "The plugin is paused; resume it first.");
  return block?.code === "awaiting_approval"
    ? new AppError("plugin_not_approved")
    : new AppError("plugin_inactive", block?.message);
}
