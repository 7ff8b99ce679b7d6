import type { PluginType } from "../rules/plugins.ts";
import type { HealthReport } from "./rpc.ts";

/** The verb by which each type is called; every type may have `execute` besides. */
export const VERB_OF_TYPE = {
  backup: "backup",
  alert: "send",
  monitor: "collect",
  task: "execute",
  query: "executeQuery",
  middleware: "onRequest",
  custom: "execute",
} as const satisfies Record<PluginType, string>;

export type { HealthReport };
