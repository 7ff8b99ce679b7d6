import { DEFAULT_PREFERENCES, type Preferences } from "../../schema/rules/preferences.ts";
import { Observable } from "../lib/observable.ts";
import type { Api } from "./api.ts";
import { ApiProblem } from "./problem.ts";

const PATH = "/api/v3/preferences";
const STORAGE_KEY = "binnacle.preferences";

/** What this browser remembers of the last person's choices, so that their next first paint has them. */
interface Kept {
  userId: string;
  preferences: Preferences;
}

/** What the person who looks has chosen for themselves. The server keeps it; a copy stays in this browser. */
export class PersonalPreferences {
  readonly state = new Observable<Preferences>(DEFAULT_PREFERENCES);
  readonly #api: Api;
  readonly #storage: Storage | undefined;
  #userId: string | undefined;

  constructor(api: Api, storage: Storage | undefined) {
    this.#api = api;
    this.#storage = storage;
  }

  /**
   * Somebody has entered: what this browser remembers of them counts at once, else what the server says is waited for.
   * A server that cannot say it leaves the defaults.
   */
  async enter(userId: string): Promise<void> {
    this.#userId = userId;
    const kept = this.#kept();
    if (kept?.userId !== userId) return this.#ask(userId);
    this.#adopt(kept.preferences);
    void this.#ask(userId);
  }

  /** Changes some; they count at once. @throws ApiProblem when the server refuses; then what was before counts again. */
  async change(changes: Partial<Preferences>): Promise<void> {
    const before = this.state.value;
    this.#adopt({ ...before, ...changes });
    // Whoever looks without having signed in chooses for this page only.
    if (this.#userId === undefined) return;
    try {
      this.#adopt(await this.#api.patch<Preferences>(PATH, changes));
    } catch (error) {
      this.#adopt(before);
      throw error;
    }
  }

  async #ask(userId: string): Promise<void> {
    try {
      const preferences = await this.#api.get<Preferences>(PATH);
      if (this.#userId === userId) this.#adopt(preferences);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
    }
  }

  #adopt(preferences: Preferences): void {
    if (JSON.stringify(preferences) !== JSON.stringify(this.state.value)) this.state.set(preferences);
    if (this.#userId === undefined) return;
    const kept: Kept = { userId: this.#userId, preferences };
    this.#storage?.setItem(STORAGE_KEY, JSON.stringify(kept));
  }

  #kept(): Kept | undefined {
    try {
      const kept: Kept | null = JSON.parse(this.#storage?.getItem(STORAGE_KEY) ?? "null");
      return kept === null
        ? undefined
        : { ...kept, preferences: { ...DEFAULT_PREFERENCES, ...kept.preferences } };
    } catch {
      return undefined;
    }
  }
}
