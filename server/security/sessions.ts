import type { Configuration } from "../config/configuration.ts";
import type { Connection, Database } from "../database/database.ts";
import type { Page, PageQuery } from "../database/paging.ts";
import { AppError } from "../errors/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import { newId, sha256Hex } from "../lib/ids.ts";
import { type AccessEvent, sessionEnded } from "./access-events.ts";
import type { Caller } from "./caller.ts";
import type { Credentials } from "./credentials.ts";
import { LastUses } from "./last-uses.ts";
import { isWithin, type Principal, reachOf } from "./principal.ts";
import type { Recorder } from "./recorder.ts";
import { newHashedSecret } from "./secrets.ts";
import type { SessionCredential, SessionStore, StoredSession } from "./session-store.ts";
import type { User } from "./user-store.ts";
import type { Verified } from "./verified-credentials.ts";

/** A signed-in browser; `expiresAt` is when it ends if it is not used again, `endsAt` when it ends in any case. */
export interface Session extends StoredSession {
  endsAt: number;
  /** It is the session that asks. */
  current: boolean;
}

/** The provider that vouched for somebody, and its word. */
export interface Voucher {
  provider: string;
  idToken: string;
}

/** How a person proved who they are. */
export type SignInManner =
  | { by: "password" | "setup" }
  /** `idToken` is the provider's word, kept to sign the person out there too. */
  | ({ by: "provider" } & Voucher);

/** A session just begun: the only moment its secret is known. */
export interface OpenedSession {
  session: Session;
  secret: string;
}

const MAX_SESSIONS_PER_USER = 50;
const MAX_USER_AGENT_LENGTH = 256;
const SECOND_MS = 1_000;

/** Signed-in browsers: opened at sign-in, verified at each request, ended by time or by hand. */
export class Sessions {
  readonly #database: Database;
  readonly #store: SessionStore;
  readonly #credentials: Credentials;
  readonly #recorder: Recorder;
  readonly #configuration: Configuration;
  readonly #clock: Clock;
  readonly #uses = new LastUses();

  constructor(
    database: Database,
    store: SessionStore,
    credentials: Credentials,
    recorder: Recorder,
    configuration: Configuration,
    clock: Clock,
  ) {
    this.#database = database;
    this.#store = store;
    this.#credentials = credentials;
    this.#recorder = recorder;
    this.#configuration = configuration;
    this.#clock = clock;
  }

  /**
   * Begins a session of the user that `findUser` gives, in one unit of work with whatever it does there. The secret is
   * always new; a session that the caller came with ends (what was planted before the sign-in is worth nothing after
   * it), and so do the user's oldest beyond the limit.
   */
  async begin(
    caller: Caller,
    userAgent: string,
    manner: SignInManner,
    findUser: (tx: Connection) => Promise<User>,
  ): Promise<OpenedSession & { user: User }> {
    const opened = await this.#database.write(async (tx) => {
      const user = await findUser(tx);
      return { user, ...(await this.#open(tx, user, caller, userAgent, manner)) };
    });
    this.#credentials.forgetVerified();
    return opened;
  }

  /** Whom the secret of a cookie stands for; undefined when it is unknown, ended or its user is disabled. */
  async authenticate(secret: string): Promise<Principal | undefined> {
    const found = await this.#credentials.verifiedSessions.findOrRead(secret, () => this.#verify(secret));
    return found && this.#use(found);
  }

  /** The same without waiting, for a secret that was verified before and still counts. */
  recognise(secret: string): Principal | undefined {
    const known = this.#credentials.verifiedSessions.find(secret);
    return known && this.#use(known);
  }

  async #verify(secret: string): Promise<Verified<SessionCredential> | undefined> {
    const stored = await this.#store.findCredential(sha256Hex(secret));
    if (!stored) return undefined;
    const { id: sessionId, userId, userName, scopes } = stored;
    return { stored, principal: { kind: "session", scopes, userId, userName, sessionId } };
  }

  #use({ stored, principal }: Verified<SessionCredential>): Principal | undefined {
    const now = this.#clock.now();
    const seenAt = this.#uses.latest(stored.id, stored.lastSeenAt);
    if (now >= stored.expiresAt || now >= seenAt + this.#idleMs) return undefined;
    stored.lastSeenAt = now;
    this.#uses.record(stored.id, now);
    return principal;
  }

  /** A caller that acts by that session, coming from where `from` does; undefined once it has ended. */
  async findCaller(id: string, from: Caller): Promise<Caller | undefined> {
    const stored = await this.#store.find(id);
    if (!stored) return undefined;
    const now = this.#clock.now();
    if (now >= this.#shown(stored).expiresAt) return undefined;
    const { userId, userName } = stored;
    const principal: Principal = { kind: "session", scopes: [], userId, userName, sessionId: id };
    return { principal, correlationId: from.correlationId, clientAddress: from.clientAddress };
  }

  /** @throws AppError `session_not_found`, for another's session too unless the caller holds `users:read`. */
  async get(id: string, caller: Caller): Promise<Session> {
    const { principal } = caller;
    const reach = reachOf(principal, "users:read");
    const stored = await this.#store.find(id);
    if (!isWithin(reach, stored)) throw new AppError("session_not_found");
    return { ...this.#shown(stored), current: isCurrent(principal, id) };
  }

  /** Newest first: one's own, or everybody's for those who hold `users:read`. @throws AppError `invalid_cursor` */
  async list(query: PageQuery, caller: Caller): Promise<Page<Session>> {
    const { principal } = caller;
    const { items, nextCursor } = await this.#store.list(query, reachOf(principal, "users:read"));
    return {
      items: items.map((stored) => ({ ...this.#shown(stored), current: isCurrent(principal, stored.id) })),
      nextCursor,
    };
  }

  /**
   * Ends a session at once: one's own, or anybody's with `users:write`. Gives who vouched for its person, when a
   * provider did: they may want to be signed out there too.
   * @throws AppError `session_not_found`, for another's session too without that scope.
   */
  async end(id: string, caller: Caller): Promise<Voucher | undefined> {
    const reach = reachOf(caller.principal, "users:write");
    const voucher = await this.#database.write(async (tx) => {
      const stored = await this.#store.find(id, tx);
      if (!isWithin(reach, stored)) throw new AppError("session_not_found");
      const found = await this.#store.findVoucher(tx, id);
      await this.#store.remove(tx, id);
      const detail = { userName: stored.userName };
      await this.#recorder.record(tx, caller, { action: "session.end", target: id, detail }, [
        sessionEnded(stored, isCurrent(caller.principal, id) ? "signed_out" : "revoked"),
      ]);
      return found;
    });
    this.#credentials.forgetVerified();
    return voucher;
  }

  /**
   * Ends a user's sessions at once, but for the one that asks: one's own, or with `users:write` another's. How many
   * they were.
   * @throws AppError `unauthenticated`, `scope_missing`
   */
  async endOthers(userId: string | undefined, caller: Caller): Promise<number> {
    const { principal } = caller;
    const reach = reachOf(principal, "users:write");
    const whose = userId ?? ("userId" in principal ? principal.userId : undefined);
    if (whose === undefined || (reach !== undefined && reach !== whose)) {
      throw new AppError("scope_missing", "Ending the sessions of others needs the scope users:write.");
    }
    const kept = principal.kind === "session" ? principal.sessionId : undefined;
    const ended = await this.#database.write(async (tx) => {
      const events = await this.#credentials.endSessionsOf(tx, whose, "revoked", kept);
      const line = { action: "session.end_all", target: whose, detail: { sessions: events.length } };
      if (events.length > 0) await this.#recorder.record(tx, caller, line, events);
      return events.length;
    });
    this.#credentials.forgetVerified();
    return ended;
  }

  /** Writes when sessions were last seen. */
  async flushLastSeen(): Promise<void> {
    await this.#uses.flush((uses) =>
      this.#database.write(async (tx) => {
        for (const [id, at] of uses) await this.#store.setLastSeen(tx, id, at);
      }),
    );
  }

  /** Removes the rows of sessions that have ended by time. */
  async removeEnded(): Promise<void> {
    await this.flushLastSeen();
    const now = this.#clock.now();
    await this.#database.write((tx) => this.#store.removeEnded(tx, now, now - this.#idleMs));
  }

  async #open(
    tx: Connection,
    user: User,
    caller: Caller,
    userAgent: string,
    manner: SignInManner,
  ): Promise<OpenedSession> {
    const now = this.#clock.now();
    const { secret, hash } = newHashedSecret();
    const stored = {
      id: newId(),
      userId: user.id,
      createdAt: now,
      lastSeenAt: now,
      expiresAt: now + this.#configuration.settings.session.absoluteSeconds * SECOND_MS,
      address: caller.clientAddress,
      userAgent: userAgent.slice(0, MAX_USER_AGENT_LENGTH),
      provider: manner.by === "provider" ? manner.provider : null,
    };
    const idToken = manner.by === "provider" ? manner.idToken : null;
    const ended = await this.#makeRoom(tx, user, caller.principal);
    await this.#store.insert(tx, { ...stored, secretHash: hash, idToken });
    const detail = { by: stored.provider ?? manner.by, userAgent: stored.userAgent };
    const line = { action: "session.open", target: stored.id, detail };
    const payload = { sessionId: stored.id, userId: user.id, userName: user.name, address: stored.address };
    await this.#recorder.record(tx, actingAs(caller, user, stored.id), line, [
      ...ended,
      { type: "session.started", payload },
    ]);
    const session = { ...this.#shown({ ...stored, userName: user.name }), current: true };
    return { session, secret };
  }

  /** Ends the session that the browser came with, and the user's oldest beyond the limit; gives the events of it. */
  async #makeRoom(tx: Connection, user: User, principal: Principal): Promise<AccessEvent[]> {
    const replaced = principal.kind === "session" ? await this.#store.remove(tx, principal.sessionId) : [];
    const oldest = await this.#store.removeOldest(tx, user.id, MAX_SESSIONS_PER_USER - 1);
    return [
      ...replaced.map((session) => sessionEnded(session, "replaced")),
      ...oldest.map((session) => sessionEnded(session, "too_many")),
    ];
  }

  get #idleMs(): number {
    return this.#configuration.settings.session.idleSeconds * SECOND_MS;
  }

  #shown(stored: StoredSession): Omit<Session, "current"> {
    const lastSeenAt = this.#uses.latest(stored.id, stored.lastSeenAt);
    const endsAt = stored.expiresAt;
    return { ...stored, lastSeenAt, endsAt, expiresAt: Math.min(endsAt, lastSeenAt + this.#idleMs) };
  }
}

const isCurrent = (principal: Principal, id: string): boolean =>
  principal.kind === "session" && principal.sessionId === id;

/** The audit log names the person who signed in, not the nobody who asked; what they may do is not its matter. */
const actingAs = (caller: Caller, user: User, sessionId: string): Caller => ({
  correlationId: caller.correlationId,
  clientAddress: caller.clientAddress,
  principal: {
    kind: "session",
    scopes: [],
    userId: user.id,
    userName: user.name,
    sessionId,
  },
});
