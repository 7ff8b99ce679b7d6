import { asc, count, eq } from "drizzle-orm";
import { type GrantedScope, isRoleName, scopesOfRole } from "../../../schema/rules/scopes.ts";
import { roles } from "../../../schema/tables/roles.ts";
import type { Connection, Database } from "../../database/database.ts";

/** A stored custom role. */
export type RoleRow = typeof roles.$inferSelect;

/** Every query of custom roles. Without a connection the reader answers. */
export class RoleStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** By name. */
  async list(): Promise<RoleRow[]> {
    return this.#database.reader.select().from(roles).orderBy(asc(roles.name)).all();
  }

  async find(name: string, db: Connection = this.#database.reader): Promise<RoleRow | undefined> {
    return db.select().from(roles).where(eq(roles.name, name)).get();
  }

  /** What a role grants, whether it ships or was made here; undefined when there is none of that name. */
  async findScopes(
    name: string,
    db: Connection = this.#database.reader,
  ): Promise<readonly GrantedScope[] | undefined> {
    return isRoleName(name) ? scopesOfRole(name) : (await this.find(name, db))?.scopes;
  }

  async count(tx: Connection): Promise<number> {
    return tx.select({ rows: count() }).from(roles).get()?.rows ?? 0;
  }

  async insert(tx: Connection, row: RoleRow): Promise<void> {
    tx.insert(roles).values(row).run();
  }

  async update(tx: Connection, name: string, changes: Partial<Omit<RoleRow, "name">>): Promise<void> {
    tx.update(roles).set(changes).where(eq(roles.name, name)).run();
  }

  async remove(tx: Connection, name: string): Promise<void> {
    tx.delete(roles).where(eq(roles.name, name)).run();
  }
}
