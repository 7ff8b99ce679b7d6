import { AppError } from "../../errors/app-error.ts";
import type { ConfigView } from "../../plugins/model.ts";
import { withClient } from "../connect.ts";
import type { ConfigOptions } from "../plugin.ts";
import { Terminal } from "../terminal.ts";
import { jsonInput } from "./json-input.ts";
import { PluginApi } from "./plugin-api.ts";

/** `plugin config NAME`: shows the configuration, after the fields of `--set` were changed. */
export async function config(name: string, options: ConfigOptions): Promise<void> {
  const given = await jsonInput(options.set, "--set");
  const view = await withClient(options, "running", async (client) => {
    const api = new PluginApi(client);
    const before = (await api.get(name)).config;
    if (given === undefined) return before;
    return (await api.configure(name, changed(before, asObject(given)), before?.revision)).config;
  });
  const terminal = new Terminal(options);
  terminal.show(view, () =>
    view?.schema ? terminal.facts(factsOf(view)) : `${name} has nothing to configure.`,
  );
}

/** What is locked is the server's: sending it back would be refused when it is not the same. */
function changed(view: ConfigView | null, given: Record<string, unknown>): Record<string, unknown> {
  const locked = new Set(view?.locked.map(({ path }) => path));
  const kept = Object.entries(view?.values ?? {}).filter(([name]) => !locked.has(name));
  const secrets = new Set(view?.secrets.map(({ path }) => path));
  const values = Object.entries({ ...Object.fromEntries(kept), ...given });
  return Object.fromEntries(values.filter(([name, value]) => value !== null || secrets.has(name)));
}

function asObject(given: unknown): Record<string, unknown> {
  if (typeof given === "object" && given !== null && !Array.isArray(given)) return { ...given };
  throw new AppError("invalid_request", "--set is a JSON object: the fields to change.");
}

function factsOf({ values, secrets, locked }: ConfigView): [string, string][] {
  const origins = new Map(locked.map(({ path, origin }) => [path, origin]));
  const fields = Object.entries(values).map(([name, value]): [string, string] => {
    const origin = origins.get(name);
    return [
      name,
      `${JSON.stringify(value)}${origin === undefined ? "" : `  (held by the server's ${origin})`}`,
    ];
  });
  const kept = secrets.map(({ path, isSet }): [string, string] => [
    path,
    isSet ? "secret, set" : "secret, not set",
  ]);
  const all = [...fields, ...kept];
  return all.length > 0 ? all : [["nothing", "is set"]];
}
