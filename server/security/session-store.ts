import { and, desc, eq, lt, ne, notInArray, or } from "drizzle-orm";
import { sessions } from "../../schema/tables/sessions.ts";
import { users } from "../../schema/tables/users.ts";
import type { Connection, Database } from "../database/database.ts";
import { type Page, type PageQuery, pageOf, readCursor } from "../database/paging.ts";

/** A stored session, the hash of its secret included. */
export type SessionRow = typeof sessions.$inferSelect;

/** A session with its user; no secret. */
export type StoredSession = Omit<SessionRow, "secretHash"> & { userName: string };

/** What a presented secret stands for. */
export interface SessionCredential {
  id: string;
  userId: string;
  userName: string;
  role: string;
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
    return this.#database.reader
      .select({ id, userId, userName: users.name, role: users.role, lastSeenAt, expiresAt })
      .from(sessions)
      .innerJoin(users, eq(users.id, sessions.userId))
      .where(and(eq(sessions.secretHash, secretHash), eq(users.disabled, false)))
      .get();
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
      .where(
        and(
          userId === undefined ? undefined : eq(sessions.userId, userId),
          before === undefined ? undefined : lt(sessions.id, before),
        ),
      )
      .orderBy(desc(sessions.id))
      .limit(limit + 1)
      .all();
    return pageOf(LIST, rows, limit, (session) => session.id);
  }

  async insert(tx: Connection, row: SessionRow): Promise<void> {
    tx.insert(sessions).values(row).run();
  }

  async remove(tx: Connection, id: string): Promise<void> {
    tx.delete(sessions).where(eq(sessions.id, id)).run();
  }

  /** Ends a user's sessions, but for the one of id `exceptId`. */
  async removeOfUser(tx: Connection, userId: string, exceptId?: string): Promise<void> {
    const others = exceptId === undefined ? undefined : ne(sessions.id, exceptId);
    tx.delete(sessions)
      .where(and(eq(sessions.userId, userId), others))
      .run();
  }

  /** Ends a user's oldest sessions, so that `kept` remain. */
  async removeOldest(tx: Connection, userId: string, kept: number): Promise<void> {
    const newest = tx
      .select({ id: sessions.id })
      .from(sessions)
      .where(eq(sessions.userId, userId))
      .orderBy(desc(sessions.id))
      .limit(kept);
    tx.delete(sessions)
      .where(and(eq(sessions.userId, userId), notInArray(sessions.id, newest)))
      .run();
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
