import { count, type EventDefinition, payload, text } from "./definition.ts";

const secret = { name: text("Name of the secret; never its value") };

export const securityEvents = {
  "audit.broken": {
    description: "The chain of the audit log does not hold",
    payload: payload({ seq: count("First row that does not hold"), reason: text("Why it does not") }),
  },
  "secret.created": { description: "A secret was stored", payload: payload(secret) },
  "secret.changed": { description: "A secret got a new value", payload: payload(secret) },
  "secret.removed": { description: "A secret was removed", payload: payload(secret) },
  "secret.key_rotated": {
    description: "Secrets were encrypted anew",
    payload: payload({
      key: text("Which key was replaced: data or master"),
      secrets: count("Secrets encrypted anew"),
    }),
  },
} as const satisfies Record<string, EventDefinition>;
