import type { RunOptions, RunOutcome } from "../../../../plugins/sdk/index.ts";
import type { ServerLine } from "../server-line.ts";
import { streamOf } from "./streams.ts";

/** Runs a program by way of the server, which decides whether the plugin may. @throws ServerError */
export async function run(
  line: ServerLine,
  signal: AbortSignal,
  command: string,
  args: readonly string[],
  { input, timeoutMs }: RunOptions,
): Promise<RunOutcome> {
  const stream = input === undefined ? undefined : line.open(streamOf(input));
  const params = {
    command,
    arguments: [...args],
    ...(stream === undefined ? {} : { input: stream }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
  return line.askWith("run", params, stream === undefined ? [] : [stream], signal);
}
