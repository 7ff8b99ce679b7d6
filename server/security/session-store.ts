import { and, asc, desc, eq, lt, ne, notInArray, or, type SQL } from "drizzle-orm";
import type { GrantedScope } from "../../schema/rules/scopes.ts";
import { roles } from "../../schema/tables/roles.ts";
import { sessions } from "../../schema/tables/sessions.ts";
import { users } from "../../schema/tables/users.ts";
import type { Connection, Database } from "../database/database.ts";
import { type Page, type PageQuery, pageOf, readCursor } from "../database/paging.ts";
import type { EndedSession } from "./access-events.ts";
import { ownedBefore, scopesOfOwner } from "./owned-store.ts";

/** A stored session, the hash of its secret included. */
export type SessionRow = typeof sessions.$inferSelect;

/** A session with its user; no secret. */
export type StoredSession = Omit<SessionRow, "secretHash" | "idToken"> & { userName: string };

/** What a presented secret stands for. */
export interface SessionCredential {
  id: string;
  userId: string;
  userName: string;
  /** What the user's role grants now. */
  scopes: readonly GrantedScope[];
  lastSeenAt: number;
  expiresAt: number;
}

const LIST = "sessions";
const PUBLIC = {
  id: sessions.id,
  userId: sessions.userId,
  userName: users.name,
  createdAt: sessions.createdAt,
  lastSeenAt: sessions.lastSeenAt,
  expiresAt: sessions.expiresAt,
  address: sessions.address,
  userAgent: sessions.userAgent,
  provider: sessions.provider,
};

/** Every query of sessions. */
export class SessionStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Only of a user who is not disabled. */
  async findCredential(secretHash: string): Promise<SessionCredential | undefined> {
    const { id, userId, lastSeenAt, expiresAt } = sessions;
    const found = this.#database.reader
      .select({
        id,
        userId,
        userName: users.name,
        role: users.role,
        custom: roles.scopes,
        lastSeenAt,
        expiresAt,
      })
      .from(sessions)
      .innerJoin(users, eq(users.id, sessions.userId))
      .leftJoin(roles, eq(roles.name, users.role))
      .where(and(eq(sessions.secretHash, secretHash), eq(users.disabled, false)))
      .get();
    if (!found) return undefined;
    const { role, custom, ...credential } = found;
    return { ...credential, scopes: scopesOfOwner(role, custom) };
  }

  /** Which provider vouched for the person of a session, and its word; undefined for a password. */
  async findVoucher(tx: Connection, id: string): Promise<{ provider: string; idToken: string } | undefined> {
    const { provider, idToken } = sessions;
    const found = tx.select({ provider, idToken }).from(sessions).where(eq(sessions.id, id)).get();
    if (!found?.provider || !found.idToken) return undefined;
    return { provider: found.provider, idToken: found.idToken };
  }

  async find(id: string, db: Connection = this.#database.reader): Promise<StoredSession | undefined> {
    return db
      .select(PUBLIC)
      .from(sessions)
      .innerJoin(users, eq(users.id, sessions.userId))
      .where(eq(sessions.id, id))
      .get();
  }

  /** Newest first; of one user, or of all. */
  async list({ limit, cursor }: PageQuery, userId: string | undefined): Promise<Page<StoredSession>> {
    const before = readCursor(LIST, cursor);
    const rows = this.#database.reader
      .select(PUBLIC)
      .from(sessions)
      .innerJoin(users, eq(users.id, sessions.userId))
      .where(ownedBefore(sessions, userId, before))
      .orderBy(desc(sessions.id))
      .limit(limit + 1)
      .all();
    return pageOf(LIST, rows, limit, (session) => session.id);
  }

  async insert(tx: Connection, row: SessionRow): Promise<void> {
    tx.insert(sessions).values(row).run();
  }

  /** Gives the session that was removed, if there was one. */
  async remove(tx: Connection, id: string): Promise<EndedSession[]> {
    return removeWhere(tx, eq(sessions.id, id));
  }

  /** Ends a user's sessions, but for the one of id `exceptId`; gives them. */
  async removeOfUser(tx: Connection, userId: string, exceptId?: string): Promise<EndedSession[]> {
    const others = exceptId === undefined ? undefined : ne(sessions.id, exceptId);
    return removeWhere(tx, and(eq(sessions.userId, userId), others));
  }

  /** Ends a user's oldest sessions, so that `kept` remain; gives them. */
  async removeOldest(tx: Connection, userId: string, kept: number): Promise<EndedSession[]> {
    const newest = tx
      .select({ id: sessions.id })
      .from(sessions)
      .where(eq(sessions.userId, userId))
      .orderBy(desc(sessions.id))
      .limit(kept);
    return removeWhere(tx, and(eq(sessions.userId, userId), notInArray(sessions.id, newest)));
  }

  /** Removes what ended before `now`, or was last seen before `idleSince`. */
  async removeEnded(tx: Connection, now: number, idleSince: number): Promise<void> {
    tx.delete(sessions)
      .where(or(lt(sessions.expiresAt, now), lt(sessions.lastSeenAt, idleSince)))
      .run();
  }

  async setLastSeen(tx: Connection, id: string, at: number): Promise<void> {
    tx.update(sessions).set({ lastSeenAt: at }).where(eq(sessions.id, id)).run();
  }
}

/** Read first, because what SQLite returns of removed rows has no name of their user. */
function removeWhere(tx: Connection, condition: SQL | undefined): EndedSession[] {
  const { id, userId } = sessions;
  const found = tx
    .select({ id, userId, userName: users.name })
    .from(sessions)
    .innerJoin(users, eq(users.id, userId))
    .where(condition)
    .orderBy(asc(id))
    .all();
  tx.delete(sessions).where(condition).run();
  return found;
}
