import { DEFAULT_PREFERENCES, type Preferences } from "../../schema/rules/preferences.ts";

/** What of a person's preferences decides how figures and moments are written. */
export type WritingHabits = Pick<Preferences, "timeZone" | "units">;

const LOCALE = "en-GB";

/** Module state, because every label of every chart asks, and a page has one viewer. */
let habits: WritingHabits = DEFAULT_PREFERENCES;

/** Has everything that is written from now on follow these habits. */
export function adoptHabits({ timeZone, units }: WritingHabits): void {
  habits = { timeZone: isKnownZone(timeZone) ? timeZone : "", units };
}

/** How sizes are counted. */
export const viewerUnits = (): Preferences["units"] => habits.units;

/** The chosen zone, for `Intl`; undefined is the browser's own. */
export const viewerZone = (): string | undefined => (habits.timeZone === "" ? undefined : habits.timeZone);

/** Writes moments (epoch milliseconds) in the viewer's zone, also when that changes. */
export function momentWriter(options: Intl.DateTimeFormatOptions): (atMs: number) => string {
  let zone: string | undefined;
  let format: Intl.DateTimeFormat | undefined;
  return (atMs) => {
    if (format === undefined || zone !== viewerZone()) {
      zone = viewerZone();
      format = new Intl.DateTimeFormat(LOCALE, zone === undefined ? options : { ...options, timeZone: zone });
    }
    return format.format(atMs);
  };
}

/** A browser may know fewer zones than the server. */
function isKnownZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat(LOCALE, { timeZone });
    return true;
  } catch {
    return false;
  }
}
