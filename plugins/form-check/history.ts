import type { PluginState } from "binnacle";

/** One run through a form. */
export interface Run {
  /** Sorts by time; the screenshot is kept under the same. */
  id: string;
  /** ISO 8601. */
  at: string;
  url: string;
  /** Number of the row, from 1. */
  row: number;
  outcome: "passed" | "failed";
  durationMs: number;
  problem: string;
  hasScreenshot: boolean;
}

const RUN = "run:";
const SHOT = "shot:";
const MAX_KEYS = 1_000;

/** Runs and their screenshots in the plugin's state, the newest `keep` of them. */
export class History {
  readonly #state: PluginState;
  readonly #keep: number;

  constructor(state: PluginState, keep: number) {
    this.#state = state;
    this.#keep = keep;
  }

  async add(run: Run, screenshot: string | undefined): Promise<void> {
    if (screenshot !== undefined) await this.#state.set(SHOT + run.id, screenshot);
    await this.#state.set(RUN + run.id, run);
    const ids = await this.#ids();
    for (const id of ids.slice(0, Math.max(0, ids.length - this.#keep))) {
      await this.#state.delete(SHOT + id);
      await this.#state.delete(RUN + id);
    }
  }

  /** The newest first. */
  async list(): Promise<Run[]> {
    const ids = (await this.#ids()).slice(-this.#keep).reverse();
    const runs = await Promise.all(ids.map((id) => this.#state.get<Run>(RUN + id)));
    return runs.filter((run) => run !== undefined);
  }

  /** A JPEG in Base64. */
  screenshotOf(id: string): Promise<string | undefined> {
    return this.#state.get<string>(SHOT + id);
  }

  async #ids(): Promise<string[]> {
    const keys = await this.#state.list({ prefix: RUN, limit: MAX_KEYS });
    return keys.map((key) => key.slice(RUN.length));
  }
}
