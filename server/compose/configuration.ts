import { Configuration } from "../config/configuration.ts";
import { ConfigurationFiles } from "../config/configuration-files.ts";
import { environmentLayer } from "../config/environment.ts";
import type { Layer } from "../config/layers.ts";

/** Where the settings come from, besides the defaults. */
export interface ConfigurationSources {
  /** The data folder, absolute or relative to the working directory. */
  dataFolder: string;
  /** Configuration file in place of the one in the data folder; it must exist then. */
  configFile?: string | undefined;
  environment: Readonly<Record<string, string | undefined>>;
  /** Dotted key → value from the command line. */
  flags?: ReadonlyMap<string, unknown>;
}

/** The configuration files of these sources. @throws InvalidConfiguration */
export const configurationFiles = ({
  dataFolder,
  configFile,
  environment,
}: ConfigurationSources): ConfigurationFiles =>
  new ConfigurationFiles({ folder: dataFolder, configFile, environmentName: environment.BINNACLE_ENV });

/** Reads the layers that this machine holds: files → environment → flags. @throws InvalidConfiguration */
export function readConfiguration(
  sources: ConfigurationSources,
  files: ConfigurationFiles = configurationFiles(sources),
): Configuration {
  const { environment } = sources;
  const flags: Layer = { kind: "flags", origin: "flags", values: sources.flags ?? new Map() };
  return new Configuration([...files.read(), environmentLayer(environment), flags], { environment });
}
