import { AppError } from "../errors/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Caller } from "./caller.ts";
import { networkOf } from "./client-network.ts";
import type { KnownDevice } from "./device-cookie.ts";
import { type Attempt, GuessingDelays } from "./guessing-delays.ts";
import type { Passwords } from "./passwords.ts";
import type { Recorder } from "./recorder.ts";
import type { OpenedSession, Sessions } from "./sessions.ts";
import { normaliseName } from "./user-name.ts";
import { type User, type UserRow, type UserStore, withoutHash } from "./user-store.ts";

/** Somebody who has just signed in. */
export interface SignedIn extends OpenedSession {
  user: User;
}

/** What a person types. */
export interface NameAndPassword {
  name: string;
  password: string;
}

/** The browser a person signs in with. */
export interface SignInBrowser {
  userAgent: string;
  /** Somebody signed in with it before. */
  device?: KnownDevice | undefined;
}

/** How a person proves who they are. */
export class SignIn {
  readonly #users: UserStore;
  readonly #passwords: Passwords;
  readonly #sessions: Sessions;
  readonly #recorder: Recorder;
  readonly #clock: Clock;
  readonly #delays: GuessingDelays;

  constructor(users: UserStore, passwords: Passwords, sessions: Sessions, recorder: Recorder, clock: Clock) {
    this.#users = users;
    this.#passwords = passwords;
    this.#sessions = sessions;
    this.#recorder = recorder;
    this.#clock = clock;
    this.#delays = new GuessingDelays(clock);
  }

  /**
   * Signs in by name and password. An unknown name, a disabled user, one without a password and a wrong password cannot
   * be told apart, by answer or by time.
   * @throws AppError `invalid_credentials`, `rate_limited`
   */
  async withPassword(input: NameAndPassword, caller: Caller, browser: SignInBrowser): Promise<SignedIn> {
    const name = normaliseName(input.name);
    const row = await this.#users.findRowByName(name);
    const isKnown = row !== undefined && browser.device?.userId === row.id;
    const attempt: Attempt = {
      name,
      network: networkOf(caller.clientAddress),
      deviceId: isKnown ? browser.device?.deviceId : undefined,
    };
    this.#refuseHaste(attempt, row, caller);
    // Counted before it is checked, so that many at once are not all looked at before the first has failed.
    this.#delays.failed(attempt);
    const isRight = await this.#passwords.verify(input.password, row?.passwordHash || undefined);
    if (!row || !isRight || row.disabled) {
      if (this.#delays.waitMs(attempt) > 0) this.#recorder.tellOfGuessing(row?.name ?? "", caller);
      throw this.#refusal(name, caller);
    }
    const entered = await this.#sessions.begin(caller, browser.userAgent, { by: "password" }, async (tx) => {
      const now = await this.#users.findRow(row.id, tx);
      const isUnchanged = now && !now.disabled && now.passwordHash === row.passwordHash;
      if (!isUnchanged) throw this.#refusal(name, caller);
      const lastSignInAt = this.#clock.now();
      await this.#users.update(tx, row.id, { lastSignInAt });
      return withoutHash({ ...now, lastSignInAt });
    });
    this.#delays.succeeded(attempt);
    return entered;
  }

  #refuseHaste(attempt: Attempt, row: UserRow | undefined, caller: Caller): void {
    const retryAfterMs = this.#delays.waitMs(attempt);
    if (retryAfterMs === 0) return;
    this.#recorder.recordRefusal(caller, { action: "session.open", target: attempt.name });
    this.#recorder.tellOfGuessing(row?.name ?? "", caller);
    const seconds = Math.ceil(retryAfterMs / 1_000);
    throw new AppError(
      "rate_limited",
      `Too many wrong passwords; try again in ${seconds === 1 ? "a second" : `${seconds} seconds`}.`,
      { retryAfterMs },
    );
  }

  #refusal(name: string, caller: Caller): AppError {
    this.#recorder.recordRefusal(caller, { action: "session.open", target: name });
    return new AppError("invalid_credentials");
  }
}
