import type { PluginManifest } from "../../schema/plugin/manifest.ts";
import { sha256Hex } from "../lib/ids.ts";
import type { Secrets } from "../secrets/service.ts";
import type { Caller } from "../security/caller.ts";
import { type SecretField, secretFieldsOf, valueAt, withValue } from "./configuration-values.ts";

type Values = Record<string, unknown>;

const HASH_LENGTH = 6;
const MAX_NAME_LENGTH = 64;

/** The write-only fields of plugins' configurations, kept in the secret store. */
export class ConfigurationSecrets {
  readonly #secrets: Pick<Secrets, "set" | "remove" | "resolver" | "has">;

  constructor(secrets: Pick<Secrets, "set" | "remove" | "resolver" | "has">) {
    this.#secrets = secrets;
  }

  /** Paths of write-only fields, and whether each has a value. */
  listOf({ id, config }: PluginManifest): { path: string; isSet: boolean }[] {
    return secretFieldsOf(config).map(({ path }) => ({
      path,
      isSet: this.#secrets.has(secretName(id, path)),
    }));
  }

  /**
   * `plain` with what is kept of its write-only fields, and over it what a file holds of them. The use is audited.
   * @param file what the server's own configuration holds, and the paths that it locks
   */
  openIn(
    { id, config }: PluginManifest,
    plain: Values,
    file: { values: Values; locked: readonly string[] },
  ): Values {
    const open = this.#secrets.resolver(`plugin:${id}`);
    const isHeld = (path: string) => file.locked.some((held) => held === path || held.startsWith(`${path}.`));
    return secretFieldsOf(config).reduce((all, field) => {
      if (isHeld(field.path)) return withValue(all, field.path, valueAt(file.values, field.path));
      const text = open(secretName(id, field.path));
      return text === undefined ? all : withValue(all, field.path, readSecret(field, text));
    }, plain);
  }

  /** Keeps a field's value; null removes it. */
  async keep(id: string, path: string, value: unknown, caller: Caller): Promise<void> {
    const name = secretName(id, path);
    if (value !== null) {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      await this.#secrets.set(name, { value: text, description: `${path} of the plugin ${id}` }, caller);
    } else if (this.#secrets.has(name)) await this.#secrets.remove(name, caller);
  }
}

/** Whether a secret of the store is one of the plugin's write-only fields. */
export const isSecretOf = ({ id, config }: PluginManifest, secret: string): boolean =>
  secretFieldsOf(config).some(({ path }) => secretName(id, path) === secret);

/** The secret store's name for a field: readable, and no other plugin's, however alike the ids. */
function secretName(id: string, path: string): string {
  const words = `PLUGIN_${id}_${path}`.toUpperCase().replace(/[^A-Z0-9]+/g, "_");
  const hash = sha256Hex(JSON.stringify([id, path]))
    .slice(0, HASH_LENGTH)
    .toUpperCase();
  return `${words.slice(0, MAX_NAME_LENGTH - HASH_LENGTH - 1)}_${hash}`;
}

/** What is no text was stored as JSON, unless a person wrote it there by hand. */
function readSecret({ isText }: SecretField, text: string): unknown {
  if (isText) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
