import { isDeepStrictEqual } from "node:util";
import type { PluginManifest } from "../../schema/plugin/manifest.ts";
import type { Database } from "../database/database.ts";
import { AppError } from "../errors/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import { sha256Hex } from "../lib/ids.ts";
import { compileSchema } from "../lib/json-schema.ts";
import { Mutex } from "../lib/mutex.ts";
import type { Secrets } from "../secrets/service.ts";
import type { Audit } from "../security/audit.ts";
import type { Caller } from "../security/caller.ts";
import { principalName, requireScope } from "../security/principal.ts";
import type { ConfigurationPlace } from "./broker/config.ts";
import { configPathsOf } from "./broker/grants.ts";
import { ConfigurationSecrets, isSecretOf } from "./configuration-secrets.ts";
import { secretFieldsOf, valueAt, without, withValue } from "./configuration-values.ts";
import {
  configurationIssues,
  type PluginConfiguration,
  pluginConfiguration,
} from "./manifest/configuration.ts";
import type { PluginStore } from "./store/plugin-store.ts";
import type { PluginPackage } from "./trust/plugin-package.ts";

type Values = Record<string, unknown>;

interface ConfigurationParts {
  database: Database;
  plugins: PluginStore;
  secrets: Pick<Secrets, "set" | "remove" | "resolver" | "has">;
  audit: Audit;
  clock: Clock;
  /** What the server's own configuration says of the plugin (`plugins.items`), and where. */
  fixed: (id: string) => { values: Values; origin: string } | undefined;
  /** Resolves the references of a file. @throws Error with what is missing */
  resolveText: (text: string) => string;
}

const MAX_SIZE_BYTES = 64 * 1_024;
const REVISION_LENGTH = 16;

/**
 * What plugins are configured with: defaults ← what was set here ← what the server's configuration holds. Fields marked
 * `writeOnly` live in the secret store and are never shown.
 */
export class Configurations {
  readonly #parts: ConfigurationParts;
  readonly #secrets: ConfigurationSecrets;
  /** As set here, by plugin; read at the look that finds it. */
  readonly #set = new Map<string, Values>();
  /** A change is made of what stood before it: one at a time. */
  readonly #changing = new Mutex();

  constructor(parts: ConfigurationParts) {
    this.#parts = parts;
    this.#secrets = new ConfigurationSecrets(parts.secrets);
  }

  /** Takes what is stored of a plugin. */
  take(id: string, values: Values): void {
    this.#set.set(id, values);
  }

  /** In force, without secrets; references of a file as they are written. */
  valuesOf({ manifest }: PluginPackage): Values {
    return withoutSecrets(manifest, this.#writtenOf(manifest));
  }

  /** In force with references resolved, without what stands in the secret store. */
  resolvedOf({ manifest }: PluginPackage): Values {
    return this.#layersOf(manifest).values;
  }

  /**
   * In force, secrets included and references resolved: for the plugin's own process. The use of secrets is audited.
   * @throws AppError `invalid_configuration` when it does not keep to its schema, or refers to what is not there
   */
  openedOf(one: PluginPackage): Values {
    const { manifest } = one;
    const { values, issues } = this.#layersOf(manifest);
    const opened = this.#withSecrets(one, values);
    const [first] = issues.length > 0 ? issues : configurationIssues(manifest, opened);
    if (!first) return opened;
    throw new AppError("invalid_configuration", notValid(first), { issues: [first] });
  }

  /**
   * What is wrong with its configuration where a file holds some of it: told before anybody calls the plugin, since no
   * form has checked it. The secret store is not read for that: whether its values fit is seen when they are used.
   */
  faultOf(one: PluginPackage): string | undefined {
    const { manifest } = one;
    if (!this.#parts.fixed(manifest.id)) return undefined;
    const { values, issues } = this.#layersOf(manifest);
    const kept = this.secretsOf(one).filter(
      ({ path, isSet }) => isSet && valueAt(values, path) === undefined,
    );
    const whole = kept.reduce((all, { path }) => withValue(all, path, ""), values);
    const [first] = [...issues, ...configurationIssues(manifest, whole)].filter(
      ({ path }) => !kept.some((field) => field.path === path),
    );
    return first && notValid(first);
  }

  #layersOf(manifest: PluginManifest, resolveText = this.#parts.resolveText): PluginConfiguration {
    const stored = this.#set.get(manifest.id) ?? {};
    const file = this.#parts.fixed(manifest.id)?.values ?? {};
    return pluginConfiguration(manifest, { stored, file, resolveText });
  }

  /** Without the use of a secret. */
  #writtenOf(manifest: PluginManifest): Values {
    return this.#layersOf(manifest, (text) => text).written;
  }

  /** Paths of write-only fields, and whether each has a value. */
  secretsOf({ manifest }: PluginPackage): { path: string; isSet: boolean }[] {
    return this.#secrets.listOf(manifest);
  }

  /** Of what is set here, secrets by their presence: another one after each change that shows. */
  revisionOf(one: PluginPackage): string {
    const text = JSON.stringify([this.#set.get(one.manifest.id) ?? {}, this.secretsOf(one)]);
    return sha256Hex(text).slice(0, REVISION_LENGTH);
  }

  /** Settles once the changes under way are in force. */
  async settled(): Promise<void> {
    await this.#changing.run(() => undefined);
  }

  /** Whether the configuration is made of that secret, by a write-only field or a reference. */
  reads({ manifest }: PluginPackage, secret: string): boolean {
    if (isSecretOf(manifest, secret)) return true;
    return JSON.stringify(this.#writtenOf(manifest)).includes(`\${secret:${secret}}`);
  }

  /** Top-level fields that the server's configuration holds. */
  lockedOf(id: string): { path: string; origin: string }[] {
    const fixed = this.#parts.fixed(id);
    return fixed ? Object.keys(fixed.values).map((path) => ({ path, origin: fixed.origin })) : [];
  }

  /**
   * Keeps `values` in place of what was set. A write-only field that is left out stays as it is; null removes it.
   * @param expectedRevision what the change was made upon; without it the last one wins
   * @throws AppError `validation_failed`, `setting_locked`, `revision_conflict`, `scope_missing` when a field decides
   *   about permissions
   */
  async set(
    one: PluginPackage,
    values: Values,
    caller: Caller,
    expectedRevision?: string | undefined,
  ): Promise<void> {
    await this.#changing.run(async () => {
      if (expectedRevision !== undefined && expectedRevision !== this.revisionOf(one)) {
        throw new AppError(
          "revision_conflict",
          "Somebody, or the plugin itself, has changed this configuration meanwhile: look at it again.",
        );
      }
      await this.#replace(one, values, caller);
    });
  }

  async #replace(one: PluginPackage, values: Values, caller: Caller): Promise<void> {
    const { id, config } = one.manifest;
    const before = this.valuesOf(one);
    const fields = secretFieldsOf(config);
    const given = fields.flatMap(({ path }) => {
      const value = valueAt(values, path);
      return value === undefined ? [] : [{ path, value }];
    });
    const plain = fields.reduce((rest, { path }) => without(rest, path), values);
    this.#demandUnlocked(id, before, plain);
    const touchesGrants = configPathsOf(one.permissions).some(
      (path) =>
        !isDeepStrictEqual(valueAt(before, path), valueAt(plain, path)) ||
        given.some((field) => overlap(field.path, path)),
    );
    if (touchesGrants) requireScope(caller.principal, "plugins:admin");
    this.#check(one, plain, given);
    for (const { path, value } of given) await this.#secrets.keep(id, path, value, caller);
    await this.#keep(id, plain, principalName(caller.principal), async (tx) => {
      const changed = Object.keys(plain).filter((key) => !isDeepStrictEqual(before[key], plain[key]));
      const detail = { fields: [...changed, ...given.map(({ path }) => path)] };
      await this.#parts.audit.append(tx, caller, { action: "plugin.configure", target: id, detail });
    });
  }

  /** Where the plugin itself reads and writes its configuration; its broker has checked what it writes. */
  placeOf(one: PluginPackage): ConfigurationPlace {
    const { id } = one.manifest;
    const read = (): Values => withoutSecrets(one.manifest, this.resolvedOf(one));
    return {
      read,
      opened: (values) => this.#withSecrets(one, values),
      write: (values) =>
        this.#changing.run(async () => {
          const before = read();
          this.#demandUnlocked(id, before, values);
          await this.#keep(id, values, `plugin:${id}`, async (tx) => {
            const fields = Object.keys(values).filter((key) => !isDeepStrictEqual(before[key], values[key]));
            const detail = { by: `plugin:${id}`, fields };
            await this.#parts.audit.appendOwn(tx, { action: "plugin.configure", target: id, detail });
          });
        }),
    };
  }

  async #keep(
    id: string,
    values: Values,
    by: string,
    alsoIn: (tx: Parameters<PluginStore["putConfig"]>[0]) => Promise<void>,
  ): Promise<void> {
    const { database, plugins, clock } = this.#parts;
    const locked = new Set(this.lockedOf(id).map(({ path }) => path));
    const own = Object.fromEntries(Object.entries(values).filter(([key]) => !locked.has(key)));
    await database.write(async (tx) => {
      await plugins.putConfig(tx, id, own, { by, at: clock.now() });
      await alsoIn(tx);
    });
    this.#set.set(id, own);
  }

  #demandUnlocked(id: string, before: Values, after: Values): void {
    const changed = this.lockedOf(id).find(
      ({ path }) => path in after && !isDeepStrictEqual(before[path], after[path]),
    );
    if (!changed) return;
    const message = `${changed.path} is held by the server's configuration (${changed.origin}).`;
    throw new AppError("setting_locked", message, { issues: [{ path: changed.path, message }] });
  }

  #check(one: PluginPackage, plain: Values, given: readonly { path: string; value: unknown }[]): void {
    const { config } = one.manifest;
    if (!config) throw new AppError("validation_failed", "This plugin has nothing to configure.");
    if (Buffer.byteLength(JSON.stringify(plain)) > MAX_SIZE_BYTES) {
      throw new AppError("validation_failed", `A configuration has at most ${MAX_SIZE_BYTES} bytes as JSON.`);
    }
    const whole = given.reduce(
      (values, { path, value }) => (value === null ? without(values, path) : withValue(values, path, value)),
      this.#withSecrets(one, plain),
    );
    const compiled = compileSchema(config);
    if ("refused" in compiled) throw new AppError("plugin_invalid", compiled.refused);
    const issues = compiled.check(whole);
    const [first] = issues;
    if (!first) return;
    const message = `${first.path || "The configuration"}: ${first.message}.`;
    throw new AppError("validation_failed", message, { issues });
  }

  /** With what stands in the secret store, and over it what a file holds. */
  #withSecrets({ manifest }: PluginPackage, plain: Values): Values {
    return this.#secrets.openIn(manifest, plain, this.#layersOf(manifest));
  }
}

const withoutSecrets = ({ config }: PluginManifest, values: Values): Values =>
  secretFieldsOf(config).reduce((shown, { path }) => without(shown, path), values);

/** Whether one of two dotted paths leads to the other. */
const overlap = (a: string, b: string): boolean => a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);

const notValid = ({ path, message }: { path: string; message: string }): string =>
  `Its configuration is not valid: ${path} ${message}.`;
