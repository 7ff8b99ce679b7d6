import { parseLayer } from "../config/config-file.ts";
import type { Configuration } from "../config/configuration.ts";
import { type ConfigurationIssue, InvalidConfiguration } from "../config/invalid-configuration.ts";
import type { Layer } from "../config/layers.ts";
import { findSetting } from "../config/schema.ts";
import type { OverrideEdit } from "./configuration-editor.ts";
import type { HistoryStore } from "./history-store.ts";
import {
  changedOverrides,
  type ImportMode,
  type Overrides,
  overrideLayer,
  readImport,
  type SkippedKey,
  withoutStale,
} from "./overrides.ts";
import { shownChange } from "./setting-view.ts";

/** What a proposed edit would change in force. */
export interface Proposal {
  changes: (ReturnType<typeof shownChange> & { needsRestart: boolean })[];
  /** Keys that would have no effect, because a stronger layer holds them. */
  shadowed: SkippedKey[];
  /** What keeps it from being taken; empty for a valid one. */
  problems: ConfigurationIssue[];
}

/** What edits would change, and what is wrong with them, before anybody makes them. Changes nothing. */
export class Proposals {
  readonly #configuration: Configuration;
  readonly #history: HistoryStore;

  constructor(configuration: Configuration, history: HistoryStore) {
    this.#configuration = configuration;
    this.#history = history;
  }

  /** What setting and taking back overrides would change. */
  async ofEdit({ set = {}, unset = [] }: OverrideEdit): Promise<Proposal> {
    const current = await this.#overrides();
    return this.#ofOverrides(current, changedOverrides(current, set, unset));
  }

  /** What taking the settings of a text as overrides would change. */
  async ofImport(text: string, mode: ImportMode): Promise<Proposal & { skipped: SkippedKey[] }> {
    const current = await this.#overrides();
    try {
      const { overrides, skipped } = readImport(text);
      const after = mode === "replace" ? overrides : changedOverrides(current, overrides, []);
      return { ...this.#ofOverrides(current, after), skipped };
    } catch (error) {
      return { ...refused(error), skipped: [] };
    }
  }

  /** What it would change to have this text as the global configuration file. */
  ofFile(text: string, name: string): Proposal {
    try {
      return this.#of(parseLayer(text, name, "file"));
    } catch (error) {
      return refused(error);
    }
  }

  /** What is wrong with a text as a configuration file, by itself; empty when nothing is. */
  validate(text: string, name: string): ConfigurationIssue[] {
    try {
      this.#configuration.validate([parseLayer(text, name, "file")]);
      return [];
    } catch (error) {
      return refused(error).problems;
    }
  }

  async #overrides(): Promise<Overrides> {
    return (await this.#history.findNewest())?.overrides ?? {};
  }

  #ofOverrides(current: Overrides, after: Overrides): Proposal {
    return this.#of(overrideLayer(withoutStale(current, after)));
  }

  #of(layer: Layer): Proposal {
    try {
      const changes = this.#configuration.preview([layer.kind ?? "file"], [layer]);
      return {
        changes: changes.map((change) => ({
          ...shownChange(change),
          needsRestart: findSetting(change.key)?.schema.restart === true,
        })),
        shadowed: this.#shadowed(layer, new Set(changes.map(({ key }) => key))),
        problems: [],
      };
    } catch (error) {
      return refused(error);
    }
  }

  /** Keys of the layer whose value is not the one that would be in force. */
  #shadowed(layer: Layer, changing: ReadonlySet<string>): SkippedKey[] {
    const { written, origins } = this.#configuration.merged;
    return [...layer.values].flatMap(([key, value]) => {
      if (changing.has(key) || JSON.stringify(written.get(key)) === JSON.stringify(value)) return [];
      const origin = origins.get(key);
      return [{ key, reason: `held by ${origin?.variable ?? origin?.origin ?? "another layer"}` }];
    });
  }
}

function refused(error: unknown): Proposal {
  if (error instanceof InvalidConfiguration)
    return { changes: [], shadowed: [], problems: [...error.problems] };
  throw error;
}
