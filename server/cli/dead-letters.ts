import type { Command } from "commander";
import type { ConnectionOptions } from "./options.ts";
import { Terminal } from "./terminal.ts";

/** Makes a command, with the options of a connection. */
export type AddVerb = (usage: string, description: string) => Command;

/** `retry` and `discard` of what was given up. @param noun what it is called. @param path of its list in the API. */
export function addDeadLetterVerbs(verb: AddVerb, noun: string, path: string): void {
  verb("retry <id>", `try a ${noun} anew that was given up`).action(
    (id: string, options: ConnectionOptions) =>
      settle(`${path}/${encodeURIComponent(id)}/attempts`, "POST", { id, outcome: "is tried anew" }, options),
  );
  verb("discard <id>", `forget a ${noun} that was given up`).action(
    (id: string, options: ConnectionOptions) =>
      settle(`${path}/${encodeURIComponent(id)}`, "DELETE", { id, outcome: "is forgotten" }, options),
  );
}

async function settle(
  path: string,
  method: "POST" | "DELETE",
  settled: { id: string; outcome: string },
  options: ConnectionOptions,
): Promise<void> {
  const { withClient } = await import("./connect.ts");
  await withClient(options, "offline", (client) => client.send(method, path));
  new Terminal(options).show(settled, () => `${settled.id} ${settled.outcome}.`);
}
