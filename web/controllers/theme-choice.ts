import { Observable } from "../lib/observable.ts";

const STORAGE_KEY = "binnacle.theme";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

function isTheme(value: unknown): value is Theme {
  return THEMES.some((theme) => theme === value);
}

/** The chosen theme, kept in this browser; `public/theme.js` applies the same choice before the first paint. */
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

  /** The next of system, light, dark. */
  cycle(): Theme {
    const next = THEMES[(THEMES.indexOf(this.theme.value) + 1) % THEMES.length] ?? "system";
    this.choose(next);
    return next;
  }

  #apply(): void {
    if (this.theme.value === "system") delete this.#root.dataset.theme;
    else this.#root.dataset.theme = this.theme.value;
  }
}
