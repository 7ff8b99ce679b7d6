import type { Layer } from "./layers.ts";
import { ENVIRONMENT_PREFIX, environmentName, SETTINGS } from "./schema.ts";
import { fromText } from "./setting-text.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const NAMES: ReadonlySet<string> = new Set(SETTINGS.map(({ key }) => environmentName(key)));

/** The layer of environment variables: the names each setting lists, and over them `BINNACLE_SECTION__KEY`. */
export function environmentLayer(environment: Environment): Layer {
  const values = new Map<string, unknown>();
  const variables = new Map<string, string>();
  for (const setting of SETTINGS) {
    const { key, schema } = setting;
    for (const name of [...(schema.env ?? []), environmentName(key)]) {
      const text = environment[name];
      if (text === undefined || isUnset(text, schema.type)) continue;
      values.set(key, text.includes("${") ? text : fromText(setting, text));
      variables.set(key, name);
    }
  }
  for (const name of Object.keys(environment)) {
    const isOurs = name.startsWith(ENVIRONMENT_PREFIX) && name.includes("__");
    if (isOurs && !NAMES.has(name)) values.set(name, environment[name]);
  }
  return { kind: "environment", origin: "environment", values, variables };
}

/** Compose files and the like pass `${VAR:-}` on as an empty text: that says nothing, except where empty is a value. */
const isUnset = (text: string, type: unknown): boolean =>
  text.trim() === "" && type !== "string" && type !== "array";
