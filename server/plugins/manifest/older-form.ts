import { semver } from "../../lib/semver.ts";

type JsonObject = Readonly<Record<string, unknown>>;

/** Names of the older form and what they are called now; a present field of the new name counts. */
const RENAMED = { entry: "main", entry_point: "main" } as const;
const FIRST_VERSION = "0.0.0";

/**
 * Reads `plugin_config.json`, which holds values where `plugin.json` holds a schema: the id is made from the name when
 * it is missing, `entry` is `main`, a short version is filled up, and each value of `config` becomes a field with that
 * default. `enabled` is the wish as its author left it. What comes out is checked as every manifest is.
 */
export function fromOlderForm(content: JsonObject): { manifest: unknown; isEnabled: boolean | undefined } {
  const { enabled, config, entry, entry_point, ...rest } = content;
  const main = rest.main ?? entry ?? entry_point;
  const manifest = {
    ...rest,
    id: rest.id ?? (typeof rest.name === "string" ? idFrom(rest.name) : undefined),
    version: versionOf(rest.version),
    type: rest.type ?? "custom",
    ...(main === undefined ? {} : { main }),
    ...(config === undefined ? {} : { config: schemaOf(config) }),
  };
  return {
    manifest: Object.fromEntries(Object.entries(manifest).filter(([, value]) => value !== undefined)),
    isEnabled: typeof enabled === "boolean" ? enabled : undefined,
  };
}

/** The field of the older form that a problem of the new one stands for. */
export const olderName = (path: string, content: JsonObject): string =>
  Object.entries(RENAMED).find(([before, now]) => path === now && before in content)?.[0] ?? path;

/** An id from a name or a file's name: `My Plugin` → `my-plugin`; empty when nothing of it can stand in one. */
export const idFrom = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, "-")
    .replace(/^[-_]+|-+$/g, "");

/** `1` and `1.2` are filled up with zeros; anything else is left for the check to refuse. */
function versionOf(version: unknown): unknown {
  if (version === undefined) return FIRST_VERSION;
  const isShort = typeof version === "string" && /^\d+(\.\d+)?$/.test(version);
  return isShort ? (semver().coerce(version)?.version ?? version) : version;
}

/** A schema that takes what stands there, by its kind. */
function schemaOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { default: value, ...kindOf(value) };
  const fields = Object.entries(value).map(([name, field]) => [name, schemaOf(field)] as const);
  return { type: "object", properties: Object.fromEntries(fields) };
}

function kindOf(value: unknown): { type?: string } {
  if (Array.isArray(value)) return { type: "array" };
  return value === null || value === undefined ? {} : { type: typeof value };
}
