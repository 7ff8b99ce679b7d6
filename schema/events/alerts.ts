import { type EventDefinition, payload, text } from "./definition.ts";

const alert = payload({
  alertId: text("Id of the alert"),
  alertType: text("What kind of thing it is about"),
  severity: text("LOW, MEDIUM, HIGH or CRITICAL"),
  state: text("firing, acknowledged, muted or resolved"),
  message: text("What it says"),
  by: text("Who changed it: a person, rule, error or mute"),
});

export const alertEvents = {
  "alert.raised": { description: "An alert fires that was not there before", payload: alert },
  "alert.acknowledged": { description: "Somebody looks after an alert", payload: alert },
  "alert.muted": { description: "Nobody is told of an alert for a while", payload: alert },
  "alert.changed": { description: "An alert fires again, or matters more than before", payload: alert },
  "alert.resolved": { description: "What an alert told of is over", payload: alert },
} as const satisfies Record<string, EventDefinition>;
