import { Type } from "@sinclair/typebox";
import type { PluginLogs } from "./log-lines.ts";
import { method, type ServedMethod } from "./served-method.ts";

const MAX_MESSAGE_LENGTH = 65_536;
const MAX_FIELDS = 100;
const MAX_CORRELATION_ID_LENGTH = 128;

const LineParams = Type.Object(
  {
    level: Type.Union([
      Type.Literal("debug"),
      Type.Literal("info"),
      Type.Literal("warning"),
      Type.Literal("error"),
    ]),
    message: Type.String({ maxLength: MAX_MESSAGE_LENGTH }),
    fields: Type.Optional(
      Type.Record(Type.String({ maxLength: 128 }), Type.Unknown(), { maxProperties: MAX_FIELDS }),
    ),
    correlationId: Type.Optional(Type.String({ maxLength: MAX_CORRELATION_ID_LENGTH })),
  },
  { additionalProperties: false },
);

/** `ctx.log` of one plugin. A flood is dropped and counted, never refused: an author's log line must not fail a call. */
export const logMethods = (logs: PluginLogs, pluginId: string): Record<"log", ServedMethod> => ({
  log: method(LineParams, (line) => {
    logs.write(pluginId, { source: "plugin", ...line });
    return null;
  }),
});
