import { type Command, Option } from "commander";

const DEFAULT_DATA_FOLDER = "./binnacle-data";

/** `--data DIR`, with BINNACLE_DATA and the default folder behind it. */
export const dataOption = (): Option =>
  new Option("--data <dir>", "data folder").env("BINNACLE_DATA").default(DEFAULT_DATA_FOLDER);

/** `--config FILE` in place of the file in the data folder. */
export const configOption = (): Option =>
  new Option("--config <file>", "configuration file, in place of the one in the data folder").env(
    "BINNACLE_CONFIG",
  );

/** `--json`: one JSON document on standard output. */
export const jsonOption = (): Option => new Option("--json", "print JSON");

/** How a command reaches Binnacle: the data folder's control socket, or an address and a token. */
export interface ConnectionOptions {
  data: string;
  config?: string;
  url?: string;
  token?: string;
  json?: boolean;
}

/** Adds the options of {@link ConnectionOptions}. */
export function addConnectionOptions(command: Command): Command {
  return command
    .addOption(dataOption())
    .addOption(new Option("--url <address>", "ask the server at this address").env("BINNACLE_URL"))
    .addOption(new Option("--token <token>", "API token for --url").env("BINNACLE_TOKEN"))
    .addOption(jsonOption());
}
