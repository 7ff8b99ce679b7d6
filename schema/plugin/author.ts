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

/** Those that people call by their name, in place of the verb of a plugin's type. */
export const CALLED_VERBS = ["execute", "backup", "send", "collect", "executeQuery"] as const;
export type CalledVerb = (typeof CALLED_VERBS)[number];

/** Functions of a definition that are called by their name, with one input; query plugins are asked for claims too. */
export const INVOKED_VERBS = [
  "execute",
  "backup",
  "send",
  "collect",
  "executeQuery",
  "beforeJwtSign",
  "onRequest",
] as const;

/** Functions of a definition that belong to its life cycle; the last two are a query plugin's names for the first two. */
export const LIFE_CYCLE_VERBS = [
  "initialize",
  "health",
  "shutdown",
  "onEvent",
  "configure",
  "init",
  "healthCheck",
] as const;

/** Input of the verb `executeQuery`. */
export interface QueryVerbInput {
  queryId: string;
  params: Record<string, unknown>;
}
/** Input of the verb `beforeJwtSign`; its answer is the claims to be signed, or null for those given. */
export interface ClaimsVerbInput {
  claims: Record<string, unknown>;
}

export type { HealthReport };
