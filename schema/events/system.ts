import { count, type EventDefinition, payload, text } from "./definition.ts";

export const systemEvents = {
  "server.started": { description: "Binnacle is up", payload: payload({ version: text("Its version") }) },
  "error.escalated": {
    description: "An error came often enough that somebody should know",
    payload: payload({
      fingerprint: text("What groups the same errors"),
      code: text("Stable code of the error"),
      message: text("Public sentence of the latest"),
      count: count("How often it came"),
      reason: text("Why now: first, regression, rate or urgent"),
    }),
  },
  "metrics.paused": {
    description: "Samples are no longer written",
    payload: payload({ reason: text("Why") }),
  },
  "metrics.resumed": {
    description: "Samples are written again",
    payload: payload({ pausedMs: count("How long none were written") }),
  },
} as const satisfies Record<string, EventDefinition>;
