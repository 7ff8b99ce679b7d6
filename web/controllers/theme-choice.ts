import { THEMES, type Theme } from "../../schema/rules/preferences.ts";
import { Observable } from "../lib/observable.ts";

const STORAGE_KEY = "binnacle.theme";

function isTheme(value: unknown): value is Theme {
  return THEMES.some((theme) => theme === value);
}

/** The theme in force, kept in this browser too; `public/theme.js` applies the same choice before the first paint. */
export class ThemeChoice {
  readonly theme: Observable<Theme>;
  readonly #storage: Storage | undefined;
  readonly #root: HTMLElement;

  constructor(root: HTMLElement, storage: Storage | undefined) {
    this.#root = root;
    this.#storage = storage;
    const stored = storage?.getItem(STORAGE_KEY);
    this.theme = new Observable<Theme>(isTheme(stored) ? stored : "system");
    this.#apply();
  }

  choose(theme: Theme): void {
    this.theme.set(theme);
    if (theme === "system") this.#storage?.removeItem(STORAGE_KEY);
    else this.#storage?.setItem(STORAGE_KEY, theme);
    this.#apply();
  }

  /** What follows the theme in force when one goes through them all. */
  get next(): Theme {
    return THEMES[(THEMES.indexOf(this.theme.value) + 1) % THEMES.length] ?? "system";
  }

  #apply(): void {
    if (this.theme.value === "system") delete this.#root.dataset.theme;
    else this.#root.dataset.theme = this.theme.value;
  }
}
