import type { Connection, Database } from "../database/database.ts";
import { AppError } from "../errors/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import { sha256Hex } from "../lib/ids.ts";
import type { Audit } from "./audit.ts";
import type { Caller } from "./caller.ts";
import type { PasswordResetStore } from "./password-reset-store.ts";
import { newHashedSecret } from "./secrets.ts";
import type { UserPasswords } from "./user-passwords.ts";
import type { User } from "./user-store.ts";
import type { Users } from "./users.ts";

/** A link just made: the only moment its token is known. */
export interface ResetLink {
  user: User;
  token: string;
  /** Epoch milliseconds. */
  expiresAt: number;
}

interface PasswordResetParts {
  database: Database;
  store: PasswordResetStore;
  users: Pick<Users, "requireOutranked">;
  userPasswords: Pick<UserPasswords, "replace">;
  audit: Audit;
  clock: Clock;
}

const LIFETIME_MS = 24 * 60 * 60 * 1_000;

/** The path of the page that sets the password; browsers send no fragment to a server or a referrer. */
export const resetUrl = (baseUrl: string, token: string): string =>
  `${baseUrl.replace(/\/$/, "")}/reset-password#token=${token}`;

/**
 * One-time links by which somebody who forgot their password sets a new one: made by an administrator and handed over,
 * since this server sends no mail by itself. A link is void once it was used, replaced, a day old, the user's password
 * or role changed otherwise, or the user was disabled.
 */
export class PasswordReset {
  readonly #parts: PasswordResetParts;

  constructor(parts: PasswordResetParts) {
    this.#parts = parts;
  }

  /**
   * Makes a link in place of the user's last one. Whoever makes it could set the password as well, so the same is
   * demanded: `users:write` and all scopes of the user.
   * @throws AppError `user_not_found`, `scope_missing`
   */
  async issue(userId: string, caller: Caller): Promise<ResetLink> {
    const { secret: token, hash: tokenHash } = newHashedSecret();
    const expiresAt = this.#parts.clock.now() + LIFETIME_MS;
    const user = await this.#parts.database.write(async (tx) => {
      const found = await this.#parts.users.requireOutranked(userId, caller, tx);
      await this.#parts.store.replace(tx, { userId, tokenHash, expiresAt });
      const detail = { name: found.name };
      await this.#parts.audit.append(tx, caller, { action: "user.issue_reset", target: userId, detail });
      return found;
    });
    return { user, token, expiresAt };
  }

  /**
   * Sets the password, ends every session of the user and the link itself.
   * @throws AppError `reset_link_invalid`, `validation_failed`, `rate_limited`
   */
  async complete(token: string, newPassword: string, caller: Caller): Promise<void> {
    const tokenHash = sha256Hex(token);
    const userId = await this.#requireValid(tokenHash, caller);
    await this.#parts.userPasswords.replace(userId, newPassword, caller, async (tx) => {
      await this.#requireValid(tokenHash, caller, tx);
    });
  }

  /** Removes links that are over. */
  async removeExpired(): Promise<void> {
    const now = this.#parts.clock.now();
    await this.#parts.database.write((tx) => this.#parts.store.removeExpired(tx, now));
  }

  async #requireValid(tokenHash: string, caller: Caller, tx?: Connection): Promise<string> {
    const row = await this.#parts.store.findByHash(tokenHash, tx);
    if (row && this.#parts.clock.now() < row.expiresAt) return row.userId;
    this.#parts.audit.recordRefusal(caller, { action: "user.reset_password", target: "user" });
    throw new AppError(
      "reset_link_invalid",
      "The link is used, expired or wrong; ask an administrator for a new one.",
    );
  }
}
