import type { Connection, Database } from "../database/database.ts";
import { AppError } from "../errors/app-error.ts";
import type { Caller } from "./caller.ts";
import type { Credentials } from "./credentials.ts";
import { refuseIssues } from "./input-issues.ts";
import { passwordIssue } from "./password-rules.ts";
import type { Passwords } from "./passwords.ts";
import { isOwn } from "./principal.ts";
import type { Recorder } from "./recorder.ts";
import type { UserRow, UserStore } from "./user-store.ts";
import type { Users } from "./users.ts";

/** A password to be. */
export interface PasswordChange {
  /** Needed for one's own. */
  currentPassword?: string | undefined;
  newPassword: string;
}

interface UserPasswordsParts {
  database: Database;
  store: UserStore;
  users: Pick<Users, "requireOutranked">;
  passwords: Passwords;
  credentials: Credentials;
  recorder: Recorder;
}

/** Passwords of users: set by themselves, by whoever outranks them, or on the word of something else. */
export class UserPasswords {
  readonly #parts: UserPasswordsParts;

  constructor(parts: UserPasswordsParts) {
    this.#parts = parts;
  }

  /**
   * Sets a password and ends the user's sessions, but for the one that asks. One's own needs the current one; another's
   * needs `users:write` and all their scopes.
   * @throws AppError `user_not_found`, `scope_missing`, `validation_failed`, `rate_limited`
   */
  async change(id: string, change: PasswordChange, caller: Caller): Promise<void> {
    const { principal } = caller;
    const isOwnPassword = isOwn(principal, id);
    if (!isOwnPassword) await this.#parts.users.requireOutranked(id, caller);
    const row = (await this.#parts.store.findRow(id)) ?? absent();
    if (isOwnPassword) await this.#confirm(row, change.currentPassword);
    const kept = principal.kind === "session" ? principal.sessionId : undefined;
    await this.#set(row, change.newPassword, caller, kept, async (tx) => {
      if (!isOwnPassword) await this.#parts.users.requireOutranked(id, caller, tx);
    });
  }

  /**
   * Sets a password on the word of something else than the user's present one, checked by `confirm` within the unit of
   * work; ends all sessions of the user.
   * @throws AppError `user_not_found`, `validation_failed`, `rate_limited`, and what `confirm` throws.
   */
  async replace(
    id: string,
    newPassword: string,
    caller: Caller,
    confirm: (tx: Connection) => Promise<void>,
  ): Promise<void> {
    const row = (await this.#parts.store.findRow(id)) ?? absent();
    await this.#set(row, newPassword, caller, undefined, confirm);
  }

  async #set(
    row: UserRow,
    newPassword: string,
    caller: Caller,
    keptSession: string | undefined,
    confirm: (tx: Connection) => Promise<void>,
  ): Promise<void> {
    const { id } = row;
    const { database, store, passwords, credentials, recorder } = this.#parts;
    refuseIssues({ newPassword: passwordIssue(newPassword, row.name) });
    const passwordHash = await passwords.hash(newPassword);
    await database.write(async (tx) => {
      const now = (await store.findRow(id, tx)) ?? absent();
      if (now.passwordHash !== row.passwordHash) throw changedMeanwhile();
      await confirm(tx);
      await store.update(tx, id, { passwordHash });
      const ended = await credentials.endSessionsOf(tx, id, "password_changed", keptSession);
      await credentials.endResetOf(tx, id);
      await recorder.record(tx, caller, { action: "user.change_password", target: id }, [
        { type: "user.password_changed", payload: { userId: id, name: now.name } },
        ...ended,
      ]);
    });
    credentials.forgetVerified();
  }

  async #confirm(row: UserRow, password: string | undefined): Promise<void> {
    if (password !== undefined && (await this.#parts.passwords.confirm(row.id, password, row.passwordHash)))
      return;
    refuseIssues({ currentPassword: password === undefined ? "is needed to change your own" : "is wrong" });
  }
}

function absent(): never {
  throw new AppError("user_not_found");
}

const changedMeanwhile = (): AppError =>
  new AppError(
    "validation_failed",
    "The password was changed at the same moment; try again with the new one.",
  );
