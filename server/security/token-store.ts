import { and, asc, count, desc, eq } from "drizzle-orm";
import { commonScopes, type GrantedScope } from "../../schema/rules/scopes.ts";
import { roles } from "../../schema/tables/roles.ts";
import { tokens } from "../../schema/tables/tokens.ts";
import { users } from "../../schema/tables/users.ts";
import type { Connection, Database } from "../database/database.ts";
import { type Page, type PageQuery, pageOf, readCursor } from "../database/paging.ts";
import type { RevokedToken } from "./access-events.ts";
import { ownedBefore, scopesOfOwner } from "./owned-store.ts";

/** A stored token, its hash included. */
export type TokenRow = typeof tokens.$inferSelect;

/** A token with its owner; no secret. */
export type Token = Omit<TokenRow, "secretHash"> & { userName: string };

/** What a presented token stands for. */
export interface TokenCredential {
  id: string;
  userId: string;
  userName: string;
  /** What both the token and its owner's role grant now. */
  scopes: readonly GrantedScope[];
  expiresAt: number | null;
}

const LIST = "tokens";
const PUBLIC = {
  id: tokens.id,
  userId: tokens.userId,
  userName: users.name,
  name: tokens.name,
  prefix: tokens.prefix,
  scopes: tokens.scopes,
  createdAt: tokens.createdAt,
  expiresAt: tokens.expiresAt,
  lastUsedAt: tokens.lastUsedAt,
};

/** Every query of API tokens. */
export class TokenStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Only of a user who is not disabled. */
  async findCredential(secretHash: string): Promise<TokenCredential | undefined> {
    const { id, userId, scopes, expiresAt } = tokens;
    const found = this.#database.reader
      .select({
        id,
        userId,
        userName: users.name,
        role: users.role,
        custom: roles.scopes,
        scopes,
        expiresAt,
      })
      .from(tokens)
      .innerJoin(users, eq(users.id, tokens.userId))
      .leftJoin(roles, eq(roles.name, users.role))
      .where(and(eq(tokens.secretHash, secretHash), eq(users.disabled, false)))
      .get();
    if (!found) return undefined;
    const { role, custom, ...credential } = found;
    return { ...credential, scopes: commonScopes(found.scopes, scopesOfOwner(role, custom)) };
  }

  async find(id: string, db: Connection = this.#database.reader): Promise<Token | undefined> {
    return db
      .select(PUBLIC)
      .from(tokens)
      .innerJoin(users, eq(users.id, tokens.userId))
      .where(eq(tokens.id, id))
      .get();
  }

  /** Newest first; of one user, or of all. */
  async list({ limit, cursor }: PageQuery, userId: string | undefined): Promise<Page<Token>> {
    const before = readCursor(LIST, cursor);
    const rows = this.#database.reader
      .select(PUBLIC)
      .from(tokens)
      .innerJoin(users, eq(users.id, tokens.userId))
      .where(ownedBefore(tokens, userId, before))
      .orderBy(desc(tokens.id))
      .limit(limit + 1)
      .all();
    return pageOf(LIST, rows, limit, (token) => token.id);
  }

  async countOfUser(tx: Connection, userId: string): Promise<number> {
    return tx.select({ rows: count() }).from(tokens).where(eq(tokens.userId, userId)).get()?.rows ?? 0;
  }

  async insert(tx: Connection, row: TokenRow): Promise<void> {
    tx.insert(tokens).values(row).run();
  }

  async remove(tx: Connection, id: string): Promise<void> {
    tx.delete(tokens).where(eq(tokens.id, id)).run();
  }

  /** Gives those that were removed. */
  async removeOfUser(tx: Connection, userId: string): Promise<RevokedToken[]> {
    const { id, name } = tokens;
    const ofUser = eq(tokens.userId, userId);
    const found = tx
      .select({ id, name, userName: users.name })
      .from(tokens)
      .innerJoin(users, eq(users.id, tokens.userId))
      .where(ofUser)
      .orderBy(asc(id))
      .all();
    tx.delete(tokens).where(ofUser).run();
    return found;
  }

  async setLastUsed(tx: Connection, id: string, at: number): Promise<void> {
    tx.update(tokens).set({ lastUsedAt: at }).where(eq(tokens.id, id)).run();
  }
}
