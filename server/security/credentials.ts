import type { Connection } from "../database/database.ts";
import type { PasswordResetStore } from "./password-reset-store.ts";
import type { SessionCredential, SessionStore } from "./session-store.ts";
import type { TokenCredential, TokenStore } from "./token-store.ts";
import { VerifiedCredentials } from "./verified-credentials.ts";

/** What a user signs in with, as a whole: for the verbs that end it. */
export class Credentials {
  readonly verifiedSessions = new VerifiedCredentials<SessionCredential>();
  readonly verifiedTokens = new VerifiedCredentials<TokenCredential>();
  readonly #sessions: SessionStore;
  readonly #tokens: TokenStore;
  readonly #resets: PasswordResetStore;

  constructor(sessions: SessionStore, tokens: TokenStore, resets: PasswordResetStore) {
    this.#sessions = sessions;
    this.#tokens = tokens;
    this.#resets = resets;
  }

  /** Ends every session, token and reset link of a user. Call {@link forgetVerified} once it is committed. */
  async endAllOf(tx: Connection, userId: string): Promise<void> {
    await this.#sessions.removeOfUser(tx, userId);
    await this.#tokens.removeOfUser(tx, userId);
    await this.#resets.removeOfUser(tx, userId);
  }

  /** Ends the sessions of a user, but for one. Call {@link forgetVerified} once it is committed. */
  async endSessionsOf(tx: Connection, userId: string, exceptId?: string): Promise<void> {
    await this.#sessions.removeOfUser(tx, userId, exceptId);
  }

  /** Voids the link that would set a user's password. */
  async endResetOf(tx: Connection, userId: string): Promise<void> {
    await this.#resets.removeOfUser(tx, userId);
  }

  /** Voids the links that would set the password of somebody who has the role. */
  async endResetsOfRole(tx: Connection, role: string): Promise<void> {
    await this.#resets.removeOfRole(tx, role);
  }

  /** Everything presented from now on is looked up again. Also to be called when the database was exchanged. */
  forgetVerified(): void {
    this.verifiedSessions.forgetAll();
    this.verifiedTokens.forgetAll();
  }
}
