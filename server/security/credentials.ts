import type { Connection } from "../database/database.ts";
import { type AccessEvent, type EndReason, sessionEnded, tokenRevoked } from "./access-events.ts";
import type { PasswordResetStore } from "./password-reset-store.ts";
import type { SessionCredential, SessionStore } from "./session-store.ts";
import type { TokenCredential, TokenStore } from "./token-store.ts";
import { type Verified, VerifiedCredentials } from "./verified-credentials.ts";

/** What a user signs in with, as a whole: for the verbs that end it. */
export class Credentials {
  readonly verifiedSessions = new VerifiedCredentials<Verified<SessionCredential>>();
  readonly verifiedTokens = new VerifiedCredentials<Verified<TokenCredential>>();
  readonly #sessions: SessionStore;
  readonly #tokens: TokenStore;
  readonly #resets: PasswordResetStore;

  constructor(sessions: SessionStore, tokens: TokenStore, resets: PasswordResetStore) {
    this.#sessions = sessions;
    this.#tokens = tokens;
    this.#resets = resets;
  }

  /**
   * Ends every session, token and reset link of a user; gives the events that tell it. Call {@link forgetVerified} once
   * it is committed.
   */
  async endAllOf(tx: Connection, userId: string, reason: EndReason): Promise<AccessEvent[]> {
    const ended = await this.endSessionsOf(tx, userId, reason);
    const revoked = await this.#tokens.removeOfUser(tx, userId);
    await this.#resets.removeOfUser(tx, userId);
    return [...ended, ...revoked.map(tokenRevoked)];
  }

  /** Ends the sessions of a user, but for one; gives an event for each. Call {@link forgetVerified} once it is committed. */
  async endSessionsOf(
    tx: Connection,
    userId: string,
    reason: EndReason,
    exceptId?: string,
  ): Promise<AccessEvent[]> {
    const ended = await this.#sessions.removeOfUser(tx, userId, exceptId);
    return ended.map((session) => sessionEnded(session, reason));
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
