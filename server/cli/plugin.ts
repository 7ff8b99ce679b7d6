import { Argument, type Command, InvalidArgumentError, Option } from "commander";
import { CALLED_VERBS, type CalledVerb } from "../../schema/plugin/author.ts";
import { PLUGIN_TYPES, type PluginType } from "../../schema/rules/plugins.ts";
import type { LifeVerb } from "../plugins/life-verbs.ts";
import { addConnectionOptions, type ConnectionOptions, jsonOption } from "./options.ts";
import type { SignOptions } from "./plugin/sign.ts";

/** Verb → what it does, and how it is told of once it is done. */
const LIFE_VERBS: Readonly<Record<LifeVerb, readonly [description: string, done: string]>> = {
  enable: ["wish that a plugin runs, now and after restarts", "is enabled"],
  disable: ["wish that a plugin does not run; calls under way finish", "is disabled"],
  start: ["start a plugin's process", "was started"],
  stop: ["stop a plugin's process; the lasting wish stays", "was stopped"],
  pause: ["let a plugin take no calls until it is resumed", "is paused"],
  resume: ["let a paused plugin take calls again", "takes calls again"],
  reload: ["exchange a plugin's process without dropping a call", "was reloaded"],
  release: ["let a plugin out of its quarantine", "was released"],
};
const DEFAULT_LINES = 50;
const MAX_LINES = 1_000;

export interface ApproveOptions extends ConnectionOptions {
  yes?: boolean;
}
export interface LogOptions extends ConnectionOptions {
  lines: number;
}
export interface ExecuteOptions extends ConnectionOptions {
  input?: string;
  verb?: CalledVerb;
}
export interface ConfigOptions extends ConnectionOptions {
  set?: string;
}
export interface NewOptions {
  type: PluginType;
  from?: string;
  into: string;
  json?: boolean;
}
export interface TestOptions {
  input?: string;
  config?: string;
  secret: Record<string, string>;
  verb?: string;
  timeout?: number;
  permissions: boolean;
  bestEffort?: boolean;
  json?: boolean;
}

/** `binnacle plugin …`: what there is, what it does, and what an author needs. */
export function addPluginCommand(program: Command): void {
  const plugin = program.command("plugin").description("plugins: list, approve, run, write them");
  addLookCommands(plugin);
  addLifeCommands(plugin);
  addPackageCommands(plugin);
  addAuthorCommands(plugin);
  addConnectionOptions(
    plugin.command("top").description("watch and steer all plugins on the whole screen"),
  ).action(async (options: ConnectionOptions) => (await import("./plugin/top.ts")).showTop(options));
}

function addLookCommands(plugin: Command): void {
  addConnectionOptions(plugin.command("list").description("list all plugins")).action(
    async (options: ConnectionOptions) => (await import("./plugin/look.ts")).list(options),
  );
  addConnectionOptions(
    plugin
      .command("status")
      .argument("[name]", "one plugin; all in figures without it")
      .description("show how a plugin fares"),
  ).action(async (name: string | undefined, options: ConnectionOptions) => {
    const { status, summary } = await import("./plugin/look.ts");
    return name === undefined ? summary(options) : status(name, options);
  });
  addConnectionOptions(plugin.command("logs <name>").description("show what a plugin wrote lately"))
    .option("-n, --lines <count>", `how many, at most ${MAX_LINES}`, parseLines, DEFAULT_LINES)
    .action(async (name: string, options: LogOptions) =>
      (await import("./plugin/look.ts")).logs(name, options),
    );
}

function addLifeCommands(plugin: Command): void {
  for (const [verb, [description, done]] of Object.entries(LIFE_VERBS)) {
    addConnectionOptions(plugin.command(verb).argument("[name...]", "plugins by id").description(description))
      .option("--all", "every plugin whose state allows it")
      .action(async (names: string[], options: ConnectionOptions & { all?: boolean }, command: Command) => {
        if (names.length === 0 && !options.all)
          command.error("error: name a plugin, or say --all", { exitCode: 2 });
        if (names.length > 0 && options.all)
          command.error("error: name plugins or say --all, not both", { exitCode: 2 });
        const { act } = await import("./plugin/act.ts");
        return act(verb as LifeVerb, done, names, options);
      });
  }
  addConnectionOptions(plugin.command("execute <name>").description("call a plugin by the verb of its type"))
    .option("-i, --input <json>", "what it is given: JSON, or @FILE")
    .addOption(
      new Option("--verb <verb>", "what is called, in place of the verb of its type").choices(CALLED_VERBS),
    )
    .action(async (name: string, options: ExecuteOptions) =>
      (await import("./plugin/act.ts")).execute(name, options),
    );
}

function addPackageCommands(plugin: Command): void {
  addConnectionOptions(plugin.command("config <name>").description("show or change a plugin's configuration"))
    .option("-s, --set <json>", "fields to change: JSON, or @FILE; the others stay, null removes one")
    .action(async (name: string, options: ConfigOptions) =>
      (await import("./plugin/config.ts")).config(name, options),
    );
  addConnectionOptions(
    plugin
      .command("install <path>")
      .description("put a plugin on the server: its folder, or a .zip, .tar or .tar.gz of it"),
  ).action(async (path: string, options: ConnectionOptions) =>
    (await import("./plugin/install.ts")).install(path, options),
  );
  addConnectionOptions(plugin.command("restore <name>").description("bring a removed plugin back")).action(
    async (name: string, options: ConnectionOptions) =>
      (await import("./plugin/act.ts")).restore(name, options),
  );
  addConnectionOptions(
    plugin.command("approve <name>").description("show what a plugin asks for, and let it have that"),
  )
    .option("-y, --yes", "without being asked")
    .action(async (name: string, options: ApproveOptions) =>
      (await import("./plugin/approve.ts")).approve(name, options),
    );
  addConnectionOptions(
    plugin.command("remove <name>").description("remove a plugin; its files can be brought back for a while"),
  ).action(async (name: string, options: ConnectionOptions) =>
    (await import("./plugin/act.ts")).remove(name, options),
  );
}

function addAuthorCommands(plugin: Command): void {
  plugin
    .command("new <name>")
    .description("make the folder of a new plugin, with types for your editor")
    .addOption(new Option("-t, --type <type>", "what it is for").choices(PLUGIN_TYPES).default("custom"))
    .addOption(
      new Option("--from <plugin>", "copy one that ships, for a configuration beside its own").conflicts(
        "type",
      ),
    )
    .option("--into <dir>", "where the folder is made", ".")
    .addOption(jsonOption())
    .action(async (name: string, options: NewOptions) =>
      (await import("./plugin/author.ts")).create(name, options),
    );
  plugin
    .command("test")
    .addArgument(new Argument("<path>", "folder or file of a plugin"))
    .description("run a plugin once in the real sandbox; needs no server")
    .option("-i, --input <json>", "what it is given: JSON, or @FILE")
    .option("-c, --config <json>", "its configuration: JSON, or @FILE")
    .option("--secret <name=value>", "a secret it may read; can be repeated", parseSecret, {})
    .option("--verb <verb>", "what is called, in place of the verb of its type")
    .option("--timeout <ms>", "longest call, in milliseconds", parseTimeout)
    .option("--no-permissions", "grant nothing of what its manifest asks for, to see what it tries")
    .option("--best-effort", "also where the kernel cannot hold it")
    .addOption(jsonOption())
    .action(async (path: string, options: TestOptions) =>
      (await import("./plugin/author.ts")).test(path, options),
    );
  plugin
    .command("sign")
    .addArgument(new Argument("<path>", "folder of a plugin"))
    .description("sign a plugin: whoever trusts the key knows whose code it is")
    .requiredOption("-k, --key <file>", "Ed25519 private key in PEM")
    .option("--new-key", "make that key first")
    .addOption(jsonOption())
    .action(async (path: string, options: SignOptions) =>
      (await import("./plugin/sign.ts")).sign(path, options),
    );
}

function parseLines(text: string): number {
  const lines = Number(text);
  if (Number.isInteger(lines) && lines >= 1 && lines <= MAX_LINES) return lines;
  throw new InvalidArgumentError(`Give a whole number from 1 to ${MAX_LINES}.`);
}

function parseTimeout(text: string): number {
  const timeoutMs = Number(text);
  if (Number.isInteger(timeoutMs) && timeoutMs >= 1) return timeoutMs;
  throw new InvalidArgumentError("Give a whole number of milliseconds.");
}

function parseSecret(text: string, before: Record<string, string>): Record<string, string> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("Write it NAME=VALUE.");
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
