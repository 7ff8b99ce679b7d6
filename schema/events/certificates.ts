import { type EventDefinition, payload, text, texts } from "./definition.ts";

export const certificateEvents = {
  "certificate.renewed": {
    description: "The certificate authority gave this server a new certificate",
    payload: payload({ domains: texts("Names it is for"), validUntil: text("When it ends, ISO 8601") }),
  },
  "certificate.failed": {
    description: "The certificate authority gave no new certificate; the one before stays in use",
    payload: payload({
      domains: texts("Names it was asked for"),
      reason: text("Why"),
      retryAt: text("When it is asked again, ISO 8601"),
    }),
  },
} as const satisfies Record<string, EventDefinition>;
