import { count, type EventDefinition, payload, text } from "./definition.ts";

export const profilerEvents = {
  "operation.slow": {
    description: "An operation took longer than it should; told at most once a minute of each operation",
    payload: payload({
      kind: text("What it is: http, graphql, plugin, timer, …"),
      service: text("binnacle, or the application that reported it"),
      operation: text("Its name"),
      durationMs: count("How long it took"),
      thresholdMs: count("How long it should take at most"),
      failed: count("1 when it failed, else 0"),
      correlationId: text("Joins it with log lines and errors; empty when unknown"),
      traceId: text("Trace that it belongs to; empty when unknown"),
      untold: count("Slow runs of it since the last time that nobody was told of"),
    }),
  },
} as const satisfies Record<string, EventDefinition>;
