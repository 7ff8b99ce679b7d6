import { existsSync } from "node:fs";
import { Configuration } from "./config/configuration.ts";
import type { Layer } from "./config/layers.ts";
import { environmentLayer, fileLayer } from "./config/sources.ts";
import { dataFolderPaths } from "./database/data-folder.ts";
import type { LogOptions } from "./logs/logger.ts";

/** What the caller decides; the rest is configuration. */
export interface ComposeOptions {
  /** The data folder, absolute or relative to the working directory. */
  dataFolder: string;
  /** Configuration file in place of the one in the data folder; it must exist then. */
  configFile?: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** Dotted key → value from the command line. */
  flags?: ReadonlyMap<string, unknown>;
  /** `serve` logs to file and console; an offline command says nothing. */
  purpose: "serve" | "offline";
  /** How lines look on standard error; for `serve` only. */
  console?: LogOptions["console"];
}

/** Reads the layers defaults → file → environment → flags. @throws AppError `invalid_configuration` */
export function readConfiguration(options: Omit<ComposeOptions, "purpose">): Configuration {
  const paths = dataFolderPaths(options.dataFolder);
  const file = options.configFile ?? paths.configurationFiles.find((path) => existsSync(path));
  const fromFile = file === undefined ? undefined : fileLayer(file, true);
  const flags: Layer = { origin: "flags", values: options.flags ?? new Map() };
  return new Configuration([...(fromFile ? [fromFile] : []), environmentLayer(options.environment), flags]);
}
