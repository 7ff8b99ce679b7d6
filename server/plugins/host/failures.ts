import type { WireError } from "../../../schema/plugin/rpc.ts";

/** What the server is told of something that the plugin threw, or that went wrong with it. */
export function describeFailure(thrown: unknown): WireError {
  const code = "plugin_execution_failed";
  if (!(thrown instanceof Error)) return { code, message: `It threw ${Bun.inspect(thrown)}.` };
  const { message, name, stack } = thrown;
  return { code, message: message || name, ...(stack === undefined ? {} : { stack }) };
}
