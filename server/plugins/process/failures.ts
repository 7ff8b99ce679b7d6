import type { WireError } from "../../../schema/plugin/rpc.ts";
import { AppError, toAppError } from "../../errors/app-error.ts";
import { ChannelError } from "../channel/failure.ts";
import { JsonError } from "../channel/json.ts";

/** What would move a terminal's cursor or turn the direction of writing. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/** What a plugin says of its own failure, as one line. */
const asLine = (text: string): string => text.replace(UNPRINTABLE, " ").trim();

/**
 * A failed call as its caller is told. Whatever code the plugin gives it, the failure is the plugin's.
 * A channel that has ended is left as it is: only the process knows why.
 */
export function callFailure(pluginId: string, thrown: unknown): unknown {
  if (thrown instanceof JsonError) {
    if (thrown.refusal === "too_large")
      return new AppError("body_too_large", thrown.message, { cause: thrown });
    return new AppError("invalid_request", thrown.message, { cause: thrown });
  }
  if (!(thrown instanceof ChannelError)) return thrown;
  switch (thrown.failure) {
    case "remote":
    case "bad_answer":
    case "answer_too_large":
      return new AppError(
        "plugin_execution_failed",
        `The plugin ${pluginId} failed: ${asLine(thrown.message)}`,
        {
          cause: thrown.wire?.stack ?? thrown,
        },
      );
    case "busy":
      return new AppError("plugin_busy", thrown.message, { cause: thrown });
    case "cancelled":
      return thrown.cause instanceof AppError ? thrown.cause : new AppError("cancelled");
    default:
      return thrown;
  }
}

/** A failure of the server as a plugin is told: code and public sentence, never the cause. */
export function describeToPlugin(thrown: unknown): WireError {
  if (thrown instanceof ChannelError) {
    return { code: thrown.failure === "busy" ? "overloaded" : "invalid_request", message: thrown.message };
  }
  if (thrown instanceof JsonError)
    return { code: "invalid_request", message: `The answer: ${thrown.message}` };
  const { code, message } = toAppError(thrown);
  return { code, message };
}
