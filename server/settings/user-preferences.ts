import { Value } from "@sinclair/typebox/value";
import { DEFAULT_PREFERENCES, type Preferences } from "../../schema/rules/preferences.ts";
import type { Database } from "../database/database.ts";
import { AppError } from "../errors/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Caller } from "../security/caller.ts";
import { PreferencesBody } from "./model.ts";
import type { PreferenceStore } from "./preference-store.ts";

/** What people have chosen for themselves: theirs to read and change, whatever their role. */
export class UserPreferences {
  readonly #database: Database;
  readonly #store: PreferenceStore;
  readonly #clock: Clock;

  constructor(database: Database, store: PreferenceStore, clock: Clock) {
    this.#database = database;
    this.#store = store;
    this.#clock = clock;
  }

  /** @throws AppError `user_not_found` for the data folder's owner, who is no user. */
  async get({ principal }: Caller): Promise<Preferences> {
    return complete(await this.#store.find(userOf(principal)));
  }

  /** Changes some, keeps the rest. @throws AppError `user_not_found`, `validation_failed` */
  async change(changes: Partial<Preferences>, { principal }: Caller): Promise<Preferences> {
    const userId = userOf(principal);
    if (changes.timeZone) refuseUnknownZone(changes.timeZone);
    return this.#database.write(async (tx) => {
      const preferences = { ...complete(await this.#store.find(userId, tx)), ...changes };
      await this.#store.replace(tx, userId, JSON.stringify(differing(preferences)), this.#clock.now());
      return preferences;
    });
  }
}

function userOf(principal: Caller["principal"]): string {
  if (principal.kind === "session" || principal.kind === "token") return principal.userId;
  throw new AppError("user_not_found", "Preferences belong to a person; sign in as one.");
}

/** What is stored over the defaults; what an older version stored and this one does not know is left out. */
function complete(stored: string | undefined): Preferences {
  const chosen: unknown = JSON.parse(stored ?? "{}");
  const known = Value.Clean(PreferencesBody, chosen);
  return Value.Check(PreferencesBody, known) ? { ...DEFAULT_PREFERENCES, ...known } : DEFAULT_PREFERENCES;
}

const differing = (preferences: Preferences): Partial<Preferences> =>
  Object.fromEntries(
    Object.entries(preferences).filter(
      ([name, value]) => DEFAULT_PREFERENCES[name as keyof Preferences] !== value,
    ),
  );

/** @throws AppError `validation_failed` */
function refuseUnknownZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
  } catch (cause) {
    const message = `"${timeZone}" is not a time zone; write one such as Europe/Berlin, or leave it empty`;
    throw new AppError("validation_failed", `${message}.`, {
      issues: [{ path: "timeZone", message }],
      cause,
    });
  }
}
