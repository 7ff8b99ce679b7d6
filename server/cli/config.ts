import { type Command, InvalidArgumentError, Option } from "commander";
import type { EditOptions, TermOptions } from "./config-actions.ts";
import {
  addConnectionOptions,
  type ConnectionOptions,
  configOption,
  dataOption,
  jsonOption,
} from "./options.ts";

const unsetOption = () => new Option("--unset <keys...>", "values to take back with the same change");

/** What each verb does; loaded when one is called. */
const actions = () => import("./config-actions.ts");

/** `binnacle config …`: the settings, where they come from, and their history. Works with the server stopped, too. */
export function addConfigCommand(program: Command): void {
  const config = program.command("config").description("settings, where they come from, and their history");
  const verb = (usage: string, description: string): Command =>
    addConnectionOptions(config.command(usage).description(description)).addOption(configOption());
  const note = () => new Option("--note <text>", "why, for the history");

  config
    .command("validate [file]")
    .description("check a file, or all that a start would read")
    .addOption(dataOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (file: string | undefined, options: ConnectionOptions) =>
      (await actions()).validate(file, options),
    );
  verb("show [key]", "show the settings in force; a key may name a section")
    .option("--origin", "say where each value comes from, and show the defaults too")
    .action(async (key: string | undefined, options: ConnectionOptions & { origin?: boolean }) =>
      (await actions()).show(key, options),
    );
  verb("diff [edits...]", "show what key=value … would change, or a file in place of the global one")
    .addOption(unsetOption())
    .action(async (edits: string[], options: EditOptions) => (await actions()).diff(edits, options));
  verb("set [edits...]", "set values at run time: key=value …, all or none")
    .addOption(unsetOption())
    .addOption(note())
    .action(async (edits: string[], options: EditOptions) => (await actions()).set(edits, options));
  verb("unset <keys...>", "take back values that were set at run time")
    .addOption(note())
    .action(async (keys: string[], options: TermOptions) => (await actions()).unset(keys, options));
  verb("history", "list who changed what")
    .addOption(new Option("--limit <number>", "how many changes").argParser(wholeNumber).default(20))
    .action(async (options: ConnectionOptions & { limit: number }) => (await actions()).history(options));
  verb("rollback <revision>", "put run-time values back as they were after a revision; 0 takes back all")
    .addOption(note())
    .action(async (revision: string, options: TermOptions) =>
      (await actions()).rollback(wholeNumber(revision), options),
    );
  verb("export", "write the settings as a configuration file, without secrets")
    .addOption(
      new Option("--content <what>", "what to write")
        .choices(["effective", "overrides"])
        .default("effective"),
    )
    .addOption(new Option("--format <format>", "how to write it").choices(["yaml", "json"]).default("yaml"))
    .action(async (options: ConnectionOptions & { content: string; format: string }) =>
      (await actions()).exportSettings(options),
    );
  verb("import <file>", "take the settings of a file as run-time values; - for standard input")
    .option("--replace", "in place of those there are, instead of beside them")
    .option("--dry-run", "only show what it would change")
    .addOption(note())
    .action(async (file: string, options: TermOptions & { replace?: boolean; dryRun?: boolean }) =>
      (await actions()).importSettings(file, options),
    );
  verb("schema", "print the JSON Schema of the configuration file, for editors").action(
    async (options: ConnectionOptions) => (await actions()).schema(options),
  );
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("A whole number is needed.");
}
