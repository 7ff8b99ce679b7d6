import type { LifeVerb } from "../../plugins/life-verbs.ts";
import type { BulkView, Plugin } from "../../plugins/model.ts";
import { withClient } from "../connect.ts";
import { CommandFailure } from "../failure.ts";
import type { ConnectionOptions } from "../options.ts";
import type { ExecuteOptions } from "../plugin.ts";
import { Terminal } from "../terminal.ts";
import { jsonInput } from "./json-input.ts";
import { PluginApi } from "./plugin-api.ts";
import { goesOn } from "./words.ts";

type Outcome = BulkView["items"][number];

/** `plugin enable|disable|start|…`, on plugins by name or on all. Ends with 1 when one of all failed. */
export async function act(
  verb: LifeVerb,
  done: string,
  names: readonly string[],
  options: ConnectionOptions & { all?: boolean },
): Promise<void> {
  const terminal = new Terminal(options);
  if (options.all) return actOnAll(verb, done, options, terminal);
  const changed = await withClient(options, "running", async (client) => {
    const api = new PluginApi(client);
    const plugins: Plugin[] = [];
    for (const name of names) plugins.push(await api.act(name, verb));
    return plugins;
  });
  terminal.show(changed.length === 1 ? changed[0] : changed, () =>
    changed.map((one) => sentence(one, done)).join("\n"),
  );
}

/** `plugin execute NAME` */
export async function execute(name: string, options: ExecuteOptions): Promise<void> {
  const input = await jsonInput(options.input, "--input");
  const execution = await withClient(options, "running", (client) =>
    new PluginApi(client).execute(name, input, options.verb),
  );
  new Terminal(options).show(execution, ({ result }) =>
    typeof result === "string" ? result : (JSON.stringify(result, undefined, 2) ?? "null"),
  );
}

/** `plugin restore NAME` */
export async function restore(name: string, options: ConnectionOptions): Promise<void> {
  const plugin = await withClient(options, "running", (client) => new PluginApi(client).restore(name));
  new Terminal(options).show(plugin, (one) => sentence(one, "is back"));
}

/** `plugin remove NAME` */
export async function remove(name: string, options: ConnectionOptions): Promise<void> {
  await withClient(options, "running", (client) => new PluginApi(client).remove(name));
  new Terminal(options).show(
    { id: name, outcome: "removed" },
    () => `${name} was removed. To bring it back: binnacle plugin restore ${name}`,
  );
}

async function actOnAll(
  verb: LifeVerb,
  done: string,
  options: ConnectionOptions,
  terminal: Terminal,
): Promise<void> {
  const outcomes = await withClient(options, "running", (client) => new PluginApi(client).actOnAll(verb));
  terminal.show(outcomes, () =>
    outcomes.length === 0
      ? "There are no plugins."
      : terminal.table(
          ["name", "outcome", "why"],
          outcomes.map((one) => [one.id, outcomeText(one, done, terminal), one.error?.message ?? ""]),
        ),
  );
  if (outcomes.some(({ outcome }) => outcome === "failed")) throw new CommandFailure();
}

function outcomeText({ outcome, error }: Outcome, done: string, { colours }: Terminal): string {
  if (outcome === "failed") return colours.red("failed");
  if (outcome === "skipped" && error) return colours.yellow("left as it is");
  return outcome === "done" ? colours.green(done) : colours.dim("nothing to do");
}

/** What became of it; when it, or its newest version, does not run although it should, why. */
function sentence(plugin: Plugin, done: string): string {
  const { id, version, block, enabled } = plugin;
  if (block === null || !enabled) return `${id} ${done}.`;
  const standing = goesOn(plugin) ? `and version ${version} goes on` : "but does not run";
  return `${id} ${done}, ${standing}: ${block.message}`;
}
