import type { Static } from "@sinclair/typebox";
import { alertEvents } from "./alerts.ts";
import { certificateEvents } from "./certificates.ts";
import { configEvents } from "./config.ts";
import type { EventDefinition } from "./definition.ts";
import { deliveryEvents } from "./delivery.ts";
import { logEvents } from "./logs.ts";
import { pluginEvents } from "./plugins.ts";
import { profilerEvents } from "./profiler.ts";
import { securityEvents } from "./security.ts";
import { systemEvents } from "./system.ts";
import { userEvents } from "./users.ts";

/** Every event that Binnacle itself publishes: name → what it says. Names are added, never renamed. */
export const EVENT_CATALOGUE = {
  ...userEvents,
  ...configEvents,
  ...certificateEvents,
  ...securityEvents,
  ...systemEvents,
  ...deliveryEvents,
  ...pluginEvents,
  ...profilerEvents,
  ...alertEvents,
  ...logEvents,
} as const satisfies Record<string, EventDefinition>;

/** The name of an event of Binnacle's own. */
export type EventName = keyof typeof EVENT_CATALOGUE;

/** What such an event says. */
export type EventPayload<Name extends EventName> = Static<(typeof EVENT_CATALOGUE)[Name]["payload"]>;

/** What a name looks like: `alert.raised`, `download_complete`. */
export const EVENT_TYPE_PATTERN = "^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)*$";
export const MAX_EVENT_TYPE_LENGTH = 100;

/** First words of names that are, or will be, Binnacle's own: an application publishes and registers none of them. */
export const RESERVED_WORDS: ReadonlySet<string> = new Set([
  ...Object.keys(EVENT_CATALOGUE).map((name) => name.slice(0, name.indexOf("."))),
  ...[
    "alert",
    "backup",
    "cache",
    "check",
    "gateway",
    "incident",
    "job",
    "llm",
    "log",
    "maintenance",
    "notification",
  ],
  ...["operation", "plugin", "profiler", "query", "recovery", "registry", "upgrade", "upstream", "webhook"],
]);

/** Whether Binnacle itself publishes events of this name. */
export const isEventName = (type: string): type is EventName => Object.hasOwn(EVENT_CATALOGUE, type);
