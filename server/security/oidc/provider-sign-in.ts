import type { Connection, Database } from "../../database/database.ts";
import { AppError } from "../../errors/app-error.ts";
import type { Clock } from "../../lib/clock.ts";
import { newId } from "../../lib/ids.ts";
import type { Audit } from "../audit.ts";
import type { Caller } from "../caller.ts";
import type { Sessions } from "../sessions.ts";
import type { SignedIn } from "../sign-in.ts";
import type { User } from "../user-store.ts";
import type { Users } from "../users.ts";
import { admit, emailOf, nameFrom } from "./claims.ts";
import type { Flow } from "./flow-cookie.ts";
import type { IdentityRow, IdentityStore } from "./identity-store.ts";
import type { Providers } from "./providers.ts";
import { newChallenge, type Vouched } from "./relying-party.ts";

interface ProviderSignInParts {
  database: Database;
  providers: Providers;
  identities: IdentityStore;
  users: Users;
  sessions: Sessions;
  audit: Audit;
  clock: Clock;
}

/** Where the browser goes next, and what its cookie keeps until it is back. */
export interface BegunFlow {
  url: string;
  flow: Omit<Flow, "expiresAt">;
}

/** Names that are tried for a new user before it is given up: `ann`, `ann-2`, … */
const MAX_NAME_TRIES = 50;

/**
 * Signing in on the word of an OpenID provider. Who somebody is rests on issuer and subject alone; names and e-mail
 * addresses never lead to a user that exists, because the provider lets people choose them.
 */
export class ProviderSignIn {
  readonly #parts: ProviderSignInParts;

  constructor(parts: ProviderSignInParts) {
    this.#parts = parts;
  }

  /**
   * Begins a sign-in, or with `linkTo` the linking of an account to the person who asks.
   * @throws AppError `provider_not_found`, `provider_failed`
   */
  async begin(provider: string, back: Pick<Flow, "redirectUri" | "next" | "linkTo">): Promise<BegunFlow> {
    const challenge = await newChallenge();
    const party = this.#parts.providers.get(provider);
    const url = await party.authorizationUrl(challenge, back.redirectUri);
    return { url: url.href, flow: { ...challenge, provider, ...back } };
  }

  /**
   * Ends a sign-in: redeems the code and opens a session.
   * @throws AppError `sign_in_refused`, `provider_failed`, `provider_not_found`
   */
  async finish(flow: Flow, query: string, caller: Caller, userAgent: string): Promise<SignedIn> {
    const { provider } = flow;
    const vouched = await this.#redeem(flow, query, caller);
    const { idToken } = vouched;
    return this.#parts.sessions.begin(
      caller,
      userAgent,
      { by: "provider", provider, idToken },
      async (tx) => {
        const { identities, users, clock } = this.#parts;
        const known = await identities.findBySubject(vouched.issuer, vouched.subject, tx);
        const identity = known ?? (await this.#welcome(tx, provider, vouched, caller));
        const lastUsedAt = clock.now();
        await identities.update(tx, identity.id, { lastUsedAt, email: emailOf(vouched.claims) ?? null });
        const role = identity.madeUser ? this.#roleOf(provider, vouched, caller) : undefined;
        const user = await users.enterBy(tx, identity.userId, role, caller);
        return user ?? this.#refuse(caller, provider, "the user is disabled");
      },
    );
  }

  /**
   * Links the account to the person who began it, as long as their session lives.
   * @throws AppError `sign_in_expired`, `identity_taken`, `sign_in_refused`, `provider_failed`
   */
  async link(flow: Flow, query: string, caller: Caller): Promise<void> {
    const { linkTo } = flow;
    const { database, identities, sessions, audit } = this.#parts;
    if (!linkTo) throw new AppError("sign_in_expired");
    const vouched = await this.#redeem(flow, query, caller);
    const owner = await sessions.findCaller(linkTo.sessionId, caller);
    if (!owner)
      throw new AppError("sign_in_expired", "You were signed out meanwhile; sign in and link again.");
    await database.write(async (tx) => {
      const known = await identities.findBySubject(vouched.issuer, vouched.subject, tx);
      if (known?.userId === linkTo.userId) return;
      if (known) throw new AppError("identity_taken");
      const row = this.#row(linkTo.userId, flow.provider, vouched, false);
      await identities.insert(tx, row);
      const detail = { provider: flow.provider, email: row.email };
      await audit.append(tx, owner, { action: "identity.link", target: linkTo.userId, detail });
    });
  }

  async #redeem(flow: Flow, query: string, caller: Caller): Promise<Vouched> {
    const party = this.#parts.providers.get(flow.provider);
    const answer = new URL(flow.redirectUri);
    answer.search = query;
    try {
      const vouched = await party.redeem(answer, flow);
      const admission = admit(party.provider, vouched.claims);
      return admission.isAdmitted ? vouched : this.#refuse(caller, flow.provider, admission.reason);
    } catch (error) {
      if (error instanceof AppError && error.code === "provider_failed") {
        this.#recordRefusal(caller, flow.provider, "the provider's answer did not hold");
      }
      throw error;
    }
  }

  /** A stranger: becomes a user where the settings say so. */
  async #welcome(tx: Connection, provider: string, vouched: Vouched, caller: Caller): Promise<IdentityRow> {
    const { users, identities, providers } = this.#parts;
    const settings = providers.get(provider).provider;
    const role = this.#roleOf(provider, vouched, caller);
    if (settings.create !== true || role === undefined) {
      return this.#refuse(caller, provider, "no user is linked to that account");
    }
    const user = await this.#addUser(tx, nameFrom(vouched.claims), role, caller, users);
    const row = this.#row(user.id, provider, vouched, true);
    await identities.insert(tx, row);
    return row;
  }

  async #addUser(tx: Connection, base: string, role: string, caller: Caller, users: Users): Promise<User> {
    for (let attempt = 1; attempt <= MAX_NAME_TRIES; attempt++) {
      const name = attempt === 1 ? base : `${base}-${attempt}`;
      if (!(await users.isTaken(name, tx))) return users.addWithoutPassword(tx, { name, role }, caller);
    }
    return this.#refuse(caller, base, "no free name was found");
  }

  #roleOf(provider: string, { claims }: Vouched, caller: Caller): string | undefined {
    const admission = admit(this.#parts.providers.get(provider).provider, claims);
    return admission.isAdmitted ? admission.role : this.#refuse(caller, provider, admission.reason);
  }

  #row(
    userId: string,
    provider: string,
    { issuer, subject, claims }: Vouched,
    madeUser: boolean,
  ): IdentityRow {
    const createdAt = this.#parts.clock.now();
    const email = emailOf(claims) ?? null;
    return { id: newId(), userId, provider, issuer, subject, email, madeUser, createdAt, lastUsedAt: null };
  }

  #refuse(caller: Caller, provider: string, reason: string): never {
    this.#recordRefusal(caller, provider, reason);
    throw new AppError("sign_in_refused", "That account may not sign in here; ask an administrator.");
  }

  #recordRefusal(caller: Caller, provider: string, reason: string): void {
    this.#parts.audit.recordRefusal(caller, { action: "session.open", target: provider, detail: { reason } });
  }
}
