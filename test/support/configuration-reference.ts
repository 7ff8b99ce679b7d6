import { join } from "node:path";
import { MANIFEST_SCHEMA } from "../../schema/plugin/manifest-schema.ts";
import { settingsJsonSchema } from "../../server/config/json-schema.ts";
import { environmentName, SETTINGS, SettingsSchema } from "../../server/config/schema.ts";
import { allowedValues } from "../../server/config/setting-problem.ts";
import type { SettingDefinition } from "../../server/config/setting-types.ts";

/**
 * What is printed from the schema of the settings: the reference page and the JSON Schema for editors; and beside them
 * the JSON Schema of a plugin's manifest.
 * `bun test/support/configuration-reference.ts` writes all; a test compares them.
 */
const ROOT = join(import.meta.dirname, "../..");

/** Path → text. */
export const PRINTED: Readonly<Record<string, () => string>> = {
  "docs/configuration-reference.md": referencePage,
  "docs/plugin-manifest.schema.json": () => `${JSON.stringify(MANIFEST_SCHEMA, undefined, 2)}\n`,
  "schema/settings.schema.json": () => `${JSON.stringify(settingsJsonSchema(), undefined, 2)}\n`,
};

/** Absolute path of a printed file. */
export const printedPath = (path: string): string => join(ROOT, path);

const INTRODUCTION = `# Configuration reference

Printed from the schema that validates the settings; do not edit. How the layers work is told in [Configuration](configuration.md).

Every setting can also be given as a variable of the environment: \`BINNACLE_\`, its key in capitals, \`__\` for each dot
(\`limits.api.perMinute\` is \`BINNACLE_LIMITS__API__PER_MINUTE\`). Other names that are honoured stand with the setting.
*Restart*: it takes effect at the next start. *Planned*: it is checked and kept, and takes effect with a later version. *Machine*: only files, environment and flags of this machine may set it; *File*: not the environment either.
*Secret*: it is never shown; write \`\${secret:NAME}\`.
`;

function referencePage(): string {
  const sections = Map.groupBy(SETTINGS, ({ key }) => key.slice(0, key.lastIndexOf(".")));
  return [INTRODUCTION, ...[...sections].map(([name, settings]) => sectionText(name, settings))].join("\n");
}

function sectionText(name: string, settings: readonly SettingDefinition[]): string {
  const rows = settings.map((setting) => `| ${cells(setting).map(escaped).join(" | ")} |`);
  return [
    `## ${name}`,
    "",
    `${sectionDescription(name)}.`,
    "",
    "| Setting | Default | Allowed | What it does |",
    "|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

function cells(setting: SettingDefinition): string[] {
  const { key, schema } = setting;
  const marks = [
    schema.planned ? "Planned" : schema.restart && "Restart",
    schema.machineOnly && (schema.notEnvironment ? "File" : "Machine"),
    schema.secret && "Secret",
  ].filter(Boolean);
  const names = (schema.env ?? []).map((name) => `\`${name}\``).join(", ");
  const words = [
    `${schema.description}.`,
    ...(marks.length > 0 ? [`*${marks.join(", ")}.*`] : []),
    ...(names === "" ? [] : [`Also ${names}.`]),
  ];
  return [`\`${key}\``, initialText(schema.default), allowedValues(setting), words.join(" ")];
}

function initialText(value: unknown): string {
  const text = Array.isArray(value) ? value.join(", ") : String(value);
  return text === "" ? "empty" : `\`${text}\``;
}

function sectionDescription(name: string): string {
  let schema = SettingsSchema as { description?: string; properties?: Record<string, object> };
  for (const part of name.split(".")) schema = schema.properties?.[part] ?? {};
  return schema.description ?? "";
}

const escaped = (text: string): string => text.replaceAll("|", "\\|");

if (import.meta.main) {
  for (const [path, print] of Object.entries(PRINTED)) await Bun.write(printedPath(path), print());
  const names = SETTINGS.map(({ key }) => environmentName(key));
  console.log(`Printed ${SETTINGS.length} settings, ${new Set(names).size} names of the environment.`);
}
