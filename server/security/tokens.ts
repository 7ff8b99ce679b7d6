import { coversAll, type GrantedScope } from "../../schema/rules/scopes.ts";
import type { Database } from "../database/database.ts";
import type { Page, PageQuery } from "../database/paging.ts";
import { AppError } from "../errors/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import { newId, sha256Hex } from "../lib/ids.ts";
import { tokenRevoked } from "./access-events.ts";
import type { Caller } from "./caller.ts";
import type { Credentials } from "./credentials.ts";
import { readScopes } from "./input-issues.ts";
import { LastUses } from "./last-uses.ts";
import { isOwn, isWithin, type Principal, reachOf, requireAll, requireScope } from "./principal.ts";
import type { Recorder } from "./recorder.ts";
import { isToken, newHashedSecret, TOKEN_PREFIX } from "./secrets.ts";
import type { Token, TokenCredential, TokenStore } from "./token-store.ts";
import type { User, UserStore } from "./user-store.ts";
import type { Verified } from "./verified-credentials.ts";

/** A token to be. */
export interface NewToken {
  name: string;
  /** As a person writes them, see {@link parseScope}. */
  scopes: readonly string[];
  /** Null: it never expires. */
  expiresInDays: number | null;
  /** Whose it is; the caller's own when absent. */
  userId?: string | undefined;
}

/** A token just made: the only moment its secret is known. */
export interface CreatedToken {
  token: Token;
  secret: string;
}

const MAX_TOKENS_PER_USER = 100;
const SHOWN_PREFIX_LENGTH = 12;
const DAY_MS = 24 * 60 * 60 * 1_000;

/** API tokens. Each can do what its scopes and its owner's present role both allow. */
export class Tokens {
  readonly #database: Database;
  readonly #store: TokenStore;
  readonly #users: UserStore;
  readonly #credentials: Credentials;
  readonly #recorder: Recorder;
  readonly #clock: Clock;
  readonly #uses = new LastUses();

  constructor(
    database: Database,
    store: TokenStore,
    users: UserStore,
    credentials: Credentials,
    recorder: Recorder,
    clock: Clock,
  ) {
    this.#database = database;
    this.#store = store;
    this.#users = users;
    this.#credentials = credentials;
    this.#recorder = recorder;
    this.#clock = clock;
  }

  /**
   * Makes a token: one's own, or with `tokens:admin` another's. Its scopes are held by the caller and by its owner.
   * @throws AppError `validation_failed`, `scope_missing`, `user_not_found`
   */
  async create(input: NewToken, caller: Caller): Promise<CreatedToken> {
    const scopes = readScopes(input.scopes);
    const ownerId = ownerOf(input, caller.principal);
    requireAll(caller.principal, scopes);
    const now = this.#clock.now();
    const { secret, hash } = newHashedSecret(TOKEN_PREFIX);
    const row = {
      id: newId(),
      userId: ownerId,
      name: input.name,
      prefix: secret.slice(0, SHOWN_PREFIX_LENGTH),
      scopes,
      createdAt: now,
      expiresAt: input.expiresInDays === null ? null : now + input.expiresInDays * DAY_MS,
      lastUsedAt: null,
    };
    const token = await this.#database.write(async (tx) => {
      const owner = await this.#users.find(ownerId, tx);
      if (!owner) throw new AppError("user_not_found");
      refuseBeyondOwner(scopes, owner, (await this.#users.roles.findScopes(owner.role, tx)) ?? []);
      if ((await this.#store.countOfUser(tx, ownerId)) >= MAX_TOKENS_PER_USER) throw tooMany(owner);
      await this.#store.insert(tx, { ...row, secretHash: hash });
      const detail = { name: row.name, userName: owner.name, scopes, expiresAt: row.expiresAt };
      const payload = { tokenId: row.id, name: row.name, userName: owner.name, scopes };
      await this.#recorder.record(tx, caller, { action: "token.create", target: row.id, detail }, [
        { type: "token.created", payload },
      ]);
      return { ...row, userName: owner.name };
    });
    return { token, secret };
  }

  /** Whom a bearer token stands for; undefined when it is unknown, expired or its owner is disabled. */
  async authenticate(text: string): Promise<Principal | undefined> {
    if (!isToken(text)) return undefined;
    const found = await this.#credentials.verifiedTokens.findOrRead(text, () => this.#verify(text));
    return found && this.#use(found);
  }

  /** The same without waiting, for a token that was verified before and still counts. */
  recognise(text: string): Principal | undefined {
    const known = this.#credentials.verifiedTokens.find(text);
    return known && this.#use(known);
  }

  async #verify(text: string): Promise<Verified<TokenCredential> | undefined> {
    const stored = await this.#store.findCredential(sha256Hex(text));
    if (!stored) return undefined;
    const { id: tokenId, userId, userName, scopes } = stored;
    return { stored, principal: { kind: "token", scopes, userId, userName, tokenId } };
  }

  #use({ stored, principal }: Verified<TokenCredential>): Principal | undefined {
    const now = this.#clock.now();
    if (stored.expiresAt !== null && now >= stored.expiresAt) return undefined;
    this.#uses.record(stored.id, now);
    return principal;
  }

  /** Newest first: one's own, or everybody's for those who hold `tokens:read`. @throws AppError `invalid_cursor` */
  async list(query: PageQuery, caller: Caller): Promise<Page<Token>> {
    const { items, nextCursor } = await this.#store.list(query, reachOf(caller.principal, "tokens:read"));
    return { items: items.map((token) => this.#withLastUse(token)), nextCursor };
  }

  /**
   * Ends a token at once: one's own, or anybody's with `tokens:write`.
   * @throws AppError `token_not_found`, for another's token too without that scope.
   */
  async revoke(id: string, caller: Caller): Promise<void> {
    const reach = reachOf(caller.principal, "tokens:write");
    await this.#database.write(async (tx) => {
      const token = await this.#store.find(id, tx);
      if (!isWithin(reach, token)) throw new AppError("token_not_found");
      await this.#store.remove(tx, id);
      const detail = { name: token.name, userName: token.userName };
      const line = { action: "token.revoke", target: id, detail };
      await this.#recorder.record(tx, caller, line, [tokenRevoked(token)]);
    });
    this.#credentials.forgetVerified();
  }

  /** Writes when tokens were last used. */
  async flushLastUsed(): Promise<void> {
    await this.#uses.flush((uses) =>
      this.#database.write(async (tx) => {
        for (const [id, at] of uses) await this.#store.setLastUsed(tx, id, at);
      }),
    );
  }

  #withLastUse(token: Token): Token {
    const lastUsedAt = this.#uses.latest(token.id, token.lastUsedAt ?? 0);
    return { ...token, lastUsedAt: lastUsedAt === 0 ? null : lastUsedAt };
  }
}

/** A signed-in person makes their own tokens freely; a token makes one only when its scopes say so. */
function ownerOf({ userId }: NewToken, principal: Principal): string {
  if (principal.kind === "session" && (userId === undefined || isOwn(principal, userId)))
    return principal.userId;
  if (principal.kind === "token" && (userId === undefined || userId === principal.userId)) {
    requireScope(principal, "tokens:write");
    return principal.userId;
  }
  requireScope(principal, "tokens:admin");
  if (userId !== undefined) return userId;
  const issue = { path: "userId", message: "is needed: whose token is it?" };
  throw new AppError("validation_failed", `userId ${issue.message}`, { issues: [issue] });
}

/** Scopes that the owner's role lacks would promise what the token can never do. */
function refuseBeyondOwner(
  scopes: readonly GrantedScope[],
  owner: User,
  held: readonly GrantedScope[],
): void {
  const beyond = scopes.find((scope) => !coversAll(held, [scope]));
  if (beyond) throw new AppError("scope_missing", `${owner.name} does not hold the scope ${beyond}.`);
}

const tooMany = (owner: User): AppError =>
  new AppError(
    "validation_failed",
    `${owner.name} has ${MAX_TOKENS_PER_USER} tokens already; revoke one that is no longer used.`,
  );
