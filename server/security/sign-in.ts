import { AppError } from "../errors/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Audit } from "./audit.ts";
import type { Caller } from "./caller.ts";
import type { Passwords } from "./passwords.ts";
import type { OpenedSession, Sessions } from "./sessions.ts";
import { normaliseName } from "./user-name.ts";
import type { User, UserStore } from "./user-store.ts";

/** Somebody who has just signed in. */
export interface SignedIn extends OpenedSession {
  user: User;
}

/** What a person types. */
export interface NameAndPassword {
  name: string;
  password: string;
}

/** How a person proves who they are. */
export class SignIn {
  readonly #users: UserStore;
  readonly #passwords: Passwords;
  readonly #sessions: Sessions;
  readonly #audit: Audit;
  readonly #clock: Clock;

  constructor(users: UserStore, passwords: Passwords, sessions: Sessions, audit: Audit, clock: Clock) {
    this.#users = users;
    this.#passwords = passwords;
    this.#sessions = sessions;
    this.#audit = audit;
    this.#clock = clock;
  }

  /**
   * Signs in by name and password. An unknown name, a disabled user and a wrong password cannot be told apart, by
   * answer or by time.
   * @throws AppError `invalid_credentials`, `rate_limited`
   */
  async withPassword(input: NameAndPassword, caller: Caller, userAgent: string): Promise<SignedIn> {
    const name = normaliseName(input.name);
    const row = await this.#users.findRowByName(name);
    const isRight = await this.#passwords.verify(input.password, row?.passwordHash);
    if (!row || !isRight || row.disabled) throw this.#refusal(name, caller);
    return this.#sessions.begin(caller, userAgent, async (tx) => {
      const now = await this.#users.findRow(row.id, tx);
      const isUnchanged = now && !now.disabled && now.passwordHash === row.passwordHash;
      if (!isUnchanged) throw this.#refusal(name, caller);
      const lastSignInAt = this.#clock.now();
      await this.#users.update(tx, row.id, { lastSignInAt });
      const { passwordHash: _, ...user } = { ...now, lastSignInAt };
      return user;
    });
  }

  #refusal(name: string, caller: Caller): AppError {
    this.#audit.recordRefusal(caller, { action: "session.open", target: name });
    return new AppError("invalid_credentials");
  }
}
