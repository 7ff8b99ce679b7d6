import type { Configuration } from "../config/configuration.ts";
import { unflatten } from "../config/layers.ts";
import { yaml } from "../lib/yaml.ts";
import type { Overrides } from "./overrides.ts";
import { HIDDEN, shownValue } from "./setting-view.ts";

/** `effective`: everything that differs from the defaults, wherever it is set; `overrides`: what was set at run time. */
export type ExportContent = "effective" | "overrides";
export type ExportFormat = "yaml" | "json";

/** The file that `binnacle config schema` writes; an editor looks for it beside the configuration. */
const SCHEMA_FILE = "settings.schema.json";

/** The settings that an export holds: no secret, no resolved reference. */
export function exportedSettings(configuration: Configuration, overrides: Overrides, content: ExportContent) {
  const { written, origins } = configuration.merged;
  const entries =
    content === "overrides"
      ? Object.entries(overrides)
      : [...written].filter(([key]) => origins.get(key)?.kind !== "default");
  const shown = entries.map(([key, value]) => [key, shownValue(key, value)] as const);
  return {
    values: new Map(shown.filter(([, value]) => value !== HIDDEN)),
    leftOut: shown.filter(([, value]) => value === HIDDEN).map(([key]) => key),
  };
}

/** The text of an export, which {@link ConfigurationEditor.import} and the configuration files read. */
export function exportText(
  { values, leftOut }: ReturnType<typeof exportedSettings>,
  format: ExportFormat,
): string {
  const nested = unflatten(values);
  if (format === "json") return `${JSON.stringify({ $schema: SCHEMA_FILE, ...nested }, undefined, 2)}\n`;
  const header = [
    `# yaml-language-server: $schema=${SCHEMA_FILE}`,
    ...leftOut.map((key) => `# ${key} is left out: it holds a secret.`),
  ];
  return `${header.join("\n")}\n${values.size === 0 ? "" : yaml().stringify(nested)}`;
}
