import { Type } from "@sinclair/typebox";
import { count, type EventDefinition, payload, text, texts } from "./definition.ts";

export const configEvents = {
  "config.changed": {
    description: "Settings took new values",
    payload: payload({
      keys: texts("Dotted keys that changed"),
      origin: text("The layer the change came from"),
      by: text("Who changed them; empty for an edited file"),
      needsRestart: texts("Those of the keys that take effect at the next start"),
    }),
  },
  "config.rejected": {
    description: "A change of the settings was not taken; the old ones go on",
    payload: payload({
      origin: text("The layer or file"),
      message: text("What is wrong"),
      key: Type.Optional(text("Dotted key")),
      line: Type.Optional(count("Line in the file, from 1")),
      column: Type.Optional(count("Column in the file, from 1")),
    }),
  },
} as const satisfies Record<string, EventDefinition>;
