import {
  LAYER_KINDS,
  type Layer,
  type LayerKind,
  type MergedSettings,
  mergeLayers,
  settingsOf,
  type ValueOrigin,
} from "./layers.ts";
import { asksSecret, type ReferenceSources, resolveText } from "./references.ts";
import { SETTINGS, type SettingKey, type Settings, type SettingValue } from "./schema.ts";

/** One key whose value, as it is written, is another than before. */
export interface SettingChange {
  key: string;
  before: unknown;
  after: unknown;
  /** Where the new value comes from. */
  origin: ValueOrigin;
}

/** What a replacement of layers did. */
export interface Replacement {
  changes: readonly SettingChange[];
  /** What watchers threw; the settings are in force all the same. */
  failures: readonly unknown[];
}

type Watcher = (settings: Settings) => void;

const RANKS = new Map<LayerKind, number>(LAYER_KINDS.map((kind, rank) => [kind, rank]));
const RESTART_KEYS = SETTINGS.filter(({ schema }) => schema.restart).map(({ key }) => key);

/**
 * The settings in force. Parts take this and read what they need when they need it; a part that must act on a
 * change watches. Replacing layers applies all or nothing. Once {@link hold} was called, settings that need a restart
 * keep the value they had then.
 */
export class Configuration {
  #layers: readonly Layer[];
  #sources: ReferenceSources;
  #merged: MergedSettings;
  #settings: Settings;
  /** Values of the settings that need a restart, since {@link hold}. */
  #held: { written: ReadonlyMap<string, unknown>; resolved: ReadonlyMap<string, unknown> } | undefined;
  readonly #watchers = new Set<Watcher>();

  /** @throws InvalidConfiguration */
  constructor(layers: readonly Layer[], sources: ReferenceSources = { environment: {} }) {
    this.#sources = sources;
    this.#layers = inOrder(layers);
    this.#merged = mergeLayers(this.#layers, sources);
    this.#settings = settingsOf(this.#merged.resolved);
  }

  get settings(): Settings {
    return this.#settings;
  }

  /** Dotted key → origin of its value (`default`, a file, `environment`, `flags`). */
  get origins(): ReadonlyMap<string, string> {
    return new Map([...this.#merged.origins].map(([key, { origin }]) => [key, origin]));
  }

  get layers(): readonly Layer[] {
    return this.#layers;
  }

  /** What was merged: each value as it is written, and where. */
  get merged(): Pick<MergedSettings, "written" | "origins" | "waiting"> {
    return this.#merged;
  }

  /** Keys that are set to another value than the one in force, until the next start; with the one in force, as written. */
  get pendingRestart(): ReadonlyMap<string, unknown> {
    const held = this.#held;
    if (!held) return new Map();
    const differing = RESTART_KEYS.filter(
      (key) => !isSame(this.#merged.resolved.get(key), held.resolved.get(key)),
    );
    return new Map(differing.map((key) => [key, held.written.get(key)]));
  }

  /** From now on, settings that need a restart keep their value. */
  hold(): void {
    const { written, resolved } = this.#merged;
    this.#held ??= { written, resolved };
  }

  /**
   * Puts other layers in force and tells the watchers of what changed; one that throws keeps none of the others from
   * hearing of it.
   * @throws InvalidConfiguration; the old settings stay then. AggregateError of what watchers threw; the new settings
   *   are in force then.
   */
  replace(layers: readonly Layer[]): void {
    const { failures } = this.#adopt(inOrder(layers), this.#sources);
    if (failures.length > 0) throw new AggregateError(failures, "Some parts did not take the new settings.");
  }

  /** Puts `layers` in place of all layers of these kinds. @throws InvalidConfiguration; the old settings stay then. */
  put(kinds: readonly LayerKind[], layers: readonly Layer[]): Replacement {
    if (this.#saysNothing(kinds, layers)) return NO_CHANGE;
    return this.#adopt(this.#with(kinds, layers), this.#sources);
  }

  /** Whether these layers alone would do. @throws InvalidConfiguration */
  validate(layers: readonly Layer[]): void {
    mergeLayers(inOrder(layers), this.#sources);
  }

  /** What {@link put} would change. @throws InvalidConfiguration */
  preview(kinds: readonly LayerKind[], layers: readonly Layer[]): SettingChange[] {
    return changesBetween(this.#merged, mergeLayers(this.#with(kinds, layers), this.#sources));
  }

  /**
   * Resolves the references to secrets, from now on by `lookup`. Called again when a secret changed.
   * @throws InvalidConfiguration when a secret is missing; the old settings stay then.
   */
  openSecrets(lookup: (name: string) => string | undefined): Replacement {
    const sources = { ...this.#sources, secret: lookup };
    if ([...this.#merged.written.values()].some(asksSecret)) return this.#adopt(this.#layers, sources);
    this.#sources = sources;
    return NO_CHANGE;
  }

  /** Nothing in place of nothing: the usual case at each start, which need not wait for a merge. */
  #saysNothing(kinds: readonly LayerKind[], layers: readonly Layer[]): boolean {
    const isThere = this.#layers.some(({ kind = "file", values }) => kinds.includes(kind) && values.size > 0);
    return !isThere && layers.every(({ values }) => values.size === 0);
  }

  /** A text of a setting with its references resolved, at the moment it is needed. @throws Error naming what is missing. */
  resolveText(text: string): string {
    return resolveText(text, this.#sources);
  }

  /**
   * Calls `onChange` whenever what is watched has changed: a key (`log.level`), or what `select` reads.
   * Returns what ends it.
   */
  watch<Key extends SettingKey>(key: Key, onChange: (value: SettingValue<Key>) => void): () => void;
  watch<T>(select: (settings: Settings) => T, onChange: (value: T) => void): () => void;
  watch<T>(what: SettingKey | ((settings: Settings) => T), onChange: (value: T) => void): () => void {
    const select = typeof what === "function" ? what : (settings: Settings) => valueAt<T>(settings, what);
    let last = JSON.stringify(select(this.settings));
    const watcher: Watcher = (settings) => {
      const value = select(settings);
      const text = JSON.stringify(value);
      if (text === last) return;
      last = text;
      onChange(value);
    };
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #with(kinds: readonly LayerKind[], layers: readonly Layer[]): Layer[] {
    return inOrder([...this.#layers.filter(({ kind = "file" }) => !kinds.includes(kind)), ...layers]);
  }

  #adopt(layers: readonly Layer[], sources: ReferenceSources): Replacement {
    const merged = mergeLayers(layers, sources);
    const settings = settingsOf(this.#withHeld(merged.resolved));
    const changes = changesBetween(this.#merged, merged);
    this.#layers = layers;
    this.#sources = sources;
    this.#merged = merged;
    this.#settings = settings;
    return { changes, failures: this.#tellWatchers() };
  }

  #withHeld(resolved: ReadonlyMap<string, unknown>): ReadonlyMap<string, unknown> {
    const held = this.#held;
    if (!held) return resolved;
    return new Map([...resolved, ...RESTART_KEYS.map((key) => [key, held.resolved.get(key)] as const)]);
  }

  #tellWatchers(): unknown[] {
    const thrown: unknown[] = [];
    for (const watcher of [...this.#watchers]) {
      try {
        watcher(this.#settings);
      } catch (error) {
        thrown.push(error);
      }
    }
    return thrown;
  }
}

const NO_CHANGE: Replacement = { changes: [], failures: [] };

const inOrder = (layers: readonly Layer[]): Layer[] => layers.toSorted((a, b) => rankOf(a) - rankOf(b));
const rankOf = ({ kind = "file" }: Layer): number => RANKS.get(kind) ?? 0;

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function changesBetween(before: MergedSettings, after: MergedSettings): SettingChange[] {
  return [...after.origins]
    .filter(([key]) => !isSame(before.written.get(key), after.written.get(key)))
    .map(([key, origin]) => ({
      key,
      before: before.written.get(key),
      after: after.written.get(key),
      origin,
    }));
}

function valueAt<T>(settings: Settings, key: SettingKey): T {
  return key
    .split(".")
    .reduce<unknown>((node, name) => (node as Record<string, unknown>)[name], settings) as T;
}
