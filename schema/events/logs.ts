import { count, type EventDefinition, payload, text } from "./definition.ts";

export const logEvents = {
  "log.paused": { description: "Log lines are no longer taken", payload: payload({ reason: text("Why") }) },
  "log.resumed": {
    description: "Log lines are taken again",
    payload: payload({ pausedMs: count("How long none were taken") }),
  },
} as const satisfies Record<string, EventDefinition>;
