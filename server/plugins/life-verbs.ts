import type { ErrorCode } from "../errors/catalogue.ts";
import type { Supervised } from "./supervision/supervisor.ts";
import type { PluginUnit } from "./supervision/unit.ts";

/** Verbs that bring a plugin into a state, by themselves or on all. */
export type LifeVerb = "enable" | "disable" | "start" | "stop" | "pause" | "resume" | "reload" | "release";

/** What became of a verb on one of all plugins. */
export interface BulkOutcome {
  id: string;
  outcome: "done" | "skipped" | "failed";
  error: { code: ErrorCode; message: string } | undefined;
}

const REACHED: Partial<Record<LifeVerb, (unit: PluginUnit) => boolean>> = {
  enable: ({ standing }) => standing.isEnabled,
  disable: ({ standing }) => !standing.isEnabled,
  start: ({ state }) => state === "active" || state === "initialized",
  stop: ({ state }) => state === "inactive",
  pause: ({ standing }) => standing.isPaused,
  resume: ({ standing }) => !standing.isPaused,
  release: ({ state }) => state !== "quarantined",
};

/** Whether the verb has nothing left to do. */
export const isReached = (unit: PluginUnit, verb: LifeVerb): boolean => REACHED[verb]?.(unit) ?? false;

/** Whether the state of the plugin lets the verb in. */
export const allows = (unit: PluginUnit, verb: LifeVerb): boolean => unit.verbs.includes(verb);

/** What ships and asks for permissions is approved by whoever enables it. */
export const isApprovedByEnabling = ({ found, decision }: Supervised["listing"]): boolean =>
  found?.origin === "bundled" && decision?.kind === "waits";
