import { type Layer, type MergedSettings, mergeLayers } from "./layers.ts";
import type { Settings } from "./schema.ts";

type Watcher = (settings: Settings) => void;

/**
 * The settings in force. Parts take this and read what they need when they need it; a part that must act on a
 * change watches. Replacing the layers applies all or nothing.
 */
export class Configuration {
  #layers: readonly Layer[];
  #merged: MergedSettings;
  readonly #watchers = new Set<Watcher>();

  /** @throws AppError `invalid_configuration` */
  constructor(layers: readonly Layer[]) {
    this.#layers = layers;
    this.#merged = mergeLayers(layers);
  }

  get settings(): Settings {
    return this.#merged.settings;
  }

  /** Dotted key → origin of its value (`default`, a file, `environment`, `flags`). */
  get origins(): ReadonlyMap<string, string> {
    return this.#merged.origins;
  }

  get layers(): readonly Layer[] {
    return this.#layers;
  }

  /**
   * Puts other layers in force and tells the watchers of what changed; one that throws keeps none of the others from
   * hearing of it.
   * @throws AppError `invalid_configuration`; the old settings stay then. AggregateError of what watchers threw; the
   *   new settings are in force then.
   */
  replace(layers: readonly Layer[]): void {
    const merged = mergeLayers(layers);
    this.#layers = layers;
    this.#merged = merged;
    const thrown: unknown[] = [];
    for (const watcher of [...this.#watchers]) {
      try {
        watcher(merged.settings);
      } catch (error) {
        thrown.push(error);
      }
    }
    if (thrown.length > 0) throw new AggregateError(thrown, "Some parts did not take the new settings.");
  }

  /** Calls `onChange` whenever what `select` reads has changed. Returns what ends it. */
  watch<T>(select: (settings: Settings) => T, onChange: (value: T) => void): () => void {
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
}
