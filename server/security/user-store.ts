import { and, asc, count, eq, gt, ne, sql } from "drizzle-orm";
import { users } from "../../schema/tables/users.ts";
import type { Connection, Database } from "../database/database.ts";
import { type Page, type PageQuery, pageOf, readCursor } from "../database/paging.ts";
import type { RoleStore } from "./roles/role-store.ts";

/** A stored user, password hash included: for those who check or write one. */
export type UserRow = typeof users.$inferSelect;

/** A user as everybody else sees one. */
export type User = Omit<UserRow, "passwordHash"> & {
  /** False for somebody who signs in by a provider only. */
  hasPassword: boolean;
};

/** A stored user without what only those who check a password see. */
export function withoutHash({ passwordHash, ...user }: UserRow): User {
  return { ...user, hasPassword: passwordHash !== "" };
}

const LIST = "users";
const PUBLIC = {
  id: users.id,
  name: users.name,
  role: users.role,
  disabled: users.disabled,
  createdAt: users.createdAt,
  lastSignInAt: users.lastSignInAt,
  hasPassword: sql<boolean>`${ne(users.passwordHash, "")}`.mapWith(Boolean),
};

/** Every query of users. Without a connection the reader answers. */
export class UserStore {
  readonly #database: Database;
  /** What the roles of users grant. */
  readonly roles: RoleStore;

  constructor(database: Database, roles: RoleStore) {
    this.#database = database;
    this.roles = roles;
  }

  async find(id: string, db: Connection = this.#database.reader): Promise<User | undefined> {
    return db.select(PUBLIC).from(users).where(eq(users.id, id)).get();
  }

  async findByName(name: string, db: Connection = this.#database.reader): Promise<User | undefined> {
    return db.select(PUBLIC).from(users).where(eq(users.name, name)).get();
  }

  /** With the password hash. */
  async findRow(id: string, db: Connection = this.#database.reader): Promise<UserRow | undefined> {
    return db.select().from(users).where(eq(users.id, id)).get();
  }

  /** With the password hash. */
  async findRowByName(name: string, db: Connection = this.#database.reader): Promise<UserRow | undefined> {
    return db.select().from(users).where(eq(users.name, name)).get();
  }

  /** By name. */
  async list({ limit, cursor }: PageQuery): Promise<Page<User>> {
    const after = readCursor(LIST, cursor);
    const rows = this.#database.reader
      .select(PUBLIC)
      .from(users)
      .where(after === undefined ? undefined : gt(users.name, after))
      .orderBy(asc(users.name))
      .limit(limit + 1)
      .all();
    return pageOf(LIST, rows, limit, (user) => user.name);
  }

  async count(db: Connection = this.#database.reader): Promise<number> {
    return db.select({ rows: count() }).from(users).get()?.rows ?? 0;
  }

  /** Users of that role who can sign in. */
  async countEnabled(db: Connection, role: string): Promise<number> {
    const filter = and(eq(users.role, role), eq(users.disabled, false));
    return db.select({ rows: count() }).from(users).where(filter).get()?.rows ?? 0;
  }

  /** Users of that role, disabled ones too. */
  async countOfRole(db: Connection, role: string): Promise<number> {
    return db.select({ rows: count() }).from(users).where(eq(users.role, role)).get()?.rows ?? 0;
  }

  async insert(tx: Connection, row: UserRow): Promise<void> {
    tx.insert(users).values(row).run();
  }

  async update(tx: Connection, id: string, changes: Partial<Omit<UserRow, "id">>): Promise<void> {
    tx.update(users).set(changes).where(eq(users.id, id)).run();
  }

  /** With the user's sessions and tokens. */
  async remove(tx: Connection, id: string): Promise<void> {
    tx.delete(users).where(eq(users.id, id)).run();
  }
}
