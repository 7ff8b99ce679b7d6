/** What each person can choose for themselves, and what holds until they do. Read by server and dashboard alike. */
export const THEMES = ["system", "dark", "light"] as const;
export type Theme = (typeof THEMES)[number];

/** How sizes are counted: KiB of 1,024 bytes, or kB of 1,000. */
export const UNIT_SYSTEMS = ["binary", "decimal"] as const;
export type UnitSystem = (typeof UNIT_SYSTEMS)[number];

export interface Preferences {
  theme: Theme;
  /** IANA name; empty for the browser's own. */
  timeZone: string;
  units: UnitSystem;
  /** Path of the page that the dashboard opens with. */
  startPage: string;
}

export const DEFAULT_PREFERENCES: Preferences = {
  theme: "system",
  timeZone: "",
  units: "binary",
  startPage: "/",
};
