import type { GrantedScope, RoleName } from "../../schema/rules/scopes.ts";
import type { Connection, Database } from "../database/database.ts";
import type { Page, PageQuery } from "../database/paging.ts";
import { AppError, errorCodeOf } from "../errors/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import { newId } from "../lib/ids.ts";
import type { AccessEvent } from "./access-events.ts";
import type { Caller } from "./caller.ts";
import type { Credentials } from "./credentials.ts";
import { refuseIssues } from "./input-issues.ts";
import { passwordIssue } from "./password-rules.ts";
import type { Passwords } from "./passwords.ts";
import { requireAll, requireScope } from "./principal.ts";
import type { Recorder } from "./recorder.ts";
import { nameIssue, normaliseName } from "./user-name.ts";
import { type User, type UserRow, type UserStore, withoutHash } from "./user-store.ts";

/** A user to be. */
export interface NewUser {
  name: string;
  password: string;
  role: string;
}

/** What an administrator can change of a user. */
export interface UserChanges {
  role?: string | undefined;
  disabled?: boolean | undefined;
}

const ADMIN: RoleName = "admin";

/** People who can sign in. Whoever changes one holds every scope that this one holds, before and after. */
export class Users {
  readonly #database: Database;
  readonly #store: UserStore;
  readonly #passwords: Passwords;
  readonly #credentials: Credentials;
  readonly #recorder: Recorder;
  readonly #clock: Clock;

  constructor(
    database: Database,
    store: UserStore,
    passwords: Passwords,
    credentials: Credentials,
    recorder: Recorder,
    clock: Clock,
  ) {
    this.#database = database;
    this.#store = store;
    this.#passwords = passwords;
    this.#credentials = credentials;
    this.#recorder = recorder;
    this.#clock = clock;
  }

  /** By name. @throws AppError `invalid_cursor` */
  async list(query: PageQuery): Promise<Page<User>> {
    return this.#store.list(query);
  }

  /** @throws AppError `user_not_found` */
  async get(id: string): Promise<User> {
    return (await this.#store.find(id)) ?? absent();
  }

  /** How many there are; within a unit of work as it sees them. */
  async count(db?: Connection): Promise<number> {
    return this.#store.count(db);
  }

  /**
   * Adds a user; the first of all must be an administrator.
   * @throws AppError `scope_missing`, `validation_failed`, `name_taken`, `last_admin`
   */
  async create(input: NewUser, caller: Caller): Promise<User> {
    requireAll(caller.principal, await this.#scopesOf(input.role));
    const row = await this.draft(input);
    return this.#database.write(async (tx) => {
      requireAll(caller.principal, await this.#scopesOf(row.role, tx));
      return this.add(tx, row, caller);
    });
  }

  /** Checks a user to be and hashes the password, outside of any unit of work. @throws AppError `validation_failed` */
  async draft({ name, password, role }: NewUser): Promise<UserRow> {
    const normalised = normaliseName(name);
    refuseIssues({ name: nameIssue(normalised), password: passwordIssue(password, normalised) });
    return {
      id: newId(),
      name: normalised,
      role,
      passwordHash: await this.#passwords.hash(password),
      disabled: false,
      createdAt: this.#clock.now(),
      lastSignInAt: null,
    };
  }

  /** Adds a drafted user within a unit of work. @throws AppError `name_taken`, `last_admin` */
  async add(tx: Connection, row: UserRow, caller: Caller): Promise<User> {
    await this.#store.insert(tx, row).catch((error: unknown) => {
      if (errorCodeOf(error) !== "SQLITE_CONSTRAINT_UNIQUE") throw error;
      throw new AppError("name_taken", `There is a user named "${row.name}" already.`, { cause: error });
    });
    await this.#scopesOf(row.role, tx);
    await this.#requireAnAdmin(tx);
    const detail = { name: row.name, role: row.role };
    await this.#recorder.record(tx, caller, { action: "user.create", target: row.id, detail }, [
      { type: "user.created", payload: { ...named(row), role: row.role } },
    ]);
    return withoutHash(row);
  }

  /** Whether a user has the name. */
  async isTaken(name: string, tx: Connection): Promise<boolean> {
    return (await this.#store.findByName(name, tx)) !== undefined;
  }

  /**
   * Adds a user who signs in by a provider only, within a unit of work. There must be an administrator already.
   * @throws AppError `validation_failed`, `name_taken`, `last_admin`
   */
  async addWithoutPassword(
    tx: Connection,
    input: Pick<NewUser, "name" | "role">,
    caller: Caller,
  ): Promise<User> {
    const { name, role } = input;
    refuseIssues({ name: nameIssue(name) });
    const createdAt = this.#clock.now();
    const row = { id: newId(), name, role, passwordHash: "", disabled: false, createdAt, lastSignInAt: null };
    if ((await this.#store.countEnabled(tx, ADMIN)) === 0) throw noAdmin();
    return this.add(tx, row, caller);
  }

  /**
   * Lets in whom a provider vouches for, within a unit of work, with the role that the provider gives, if it gives one.
   * The last administrator stays one, whatever the provider says. Undefined for a disabled user.
   * @throws AppError `user_not_found`, `validation_failed` when there is no such role.
   */
  async enterBy(
    tx: Connection,
    id: string,
    role: string | undefined,
    caller: Caller,
  ): Promise<User | undefined> {
    const user = (await this.#store.find(id, tx)) ?? absent();
    if (user.disabled) return undefined;
    const lastSignInAt = this.#clock.now();
    const isChanged = role !== undefined && role !== user.role && !(await this.#isLastAdmin(user, tx));
    if (isChanged) {
      await this.#scopesOf(role, tx);
      await this.#credentials.endResetOf(tx, id);
      const detail = { name: user.name, role, by: "provider" };
      const line = { action: "user.update", target: id, detail };
      await this.#recorder.record(tx, caller, line, changed(user, { role }));
    }
    const changes = { lastSignInAt, ...(isChanged ? { role } : {}) };
    await this.#store.update(tx, id, changes);
    return { ...user, ...changes };
  }

  /**
   * Changes role or disables. Disabling ends the user's sessions and tokens at once.
   * @throws AppError `user_not_found`, `scope_missing`, `last_admin`
   */
  async update(id: string, changes: UserChanges, caller: Caller): Promise<User> {
    const wanted = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
    const user = await this.#database.write(async (tx) => {
      const before = (await this.#store.find(id, tx)) ?? absent();
      requireAll(caller.principal, [
        ...(await this.#heldBy(before, tx)),
        ...(changes.role === undefined ? [] : await this.#scopesOf(changes.role, tx)),
      ]);
      if (Object.keys(wanted).length === 0) return before;
      await this.#store.update(tx, id, wanted);
      const ended = changes.disabled ? await this.#credentials.endAllOf(tx, id, "user_disabled") : [];
      // Whoever made the link held what the user could do then, not what the user can do now.
      if (changes.role !== undefined) await this.#credentials.endResetOf(tx, id);
      await this.#requireAnAdmin(tx);
      const detail = { name: before.name, ...wanted };
      const line = { action: "user.update", target: id, detail };
      await this.#recorder.record(tx, caller, line, [...changed(before, wanted), ...ended]);
      return { ...before, ...wanted };
    });
    this.#credentials.forgetVerified();
    return user;
  }

  /**
   * The user, when the caller holds `users:write` and all that the user holds: who may enter as the user.
   * @throws AppError `unauthenticated`, `scope_missing`, `user_not_found`
   */
  async requireOutranked(id: string, { principal }: Caller, tx?: Connection): Promise<User> {
    requireScope(principal, "users:write");
    const user = (await this.#store.find(id, tx)) ?? absent();
    requireAll(principal, await this.#heldBy(user, tx));
    return user;
  }

  /** Removes a user with all sessions and tokens. @throws AppError `user_not_found`, `scope_missing`, `last_admin` */
  async remove(id: string, caller: Caller): Promise<void> {
    await this.#database.write(async (tx) => {
      const user = (await this.#store.find(id, tx)) ?? absent();
      requireAll(caller.principal, await this.#heldBy(user, tx));
      const ended = await this.#credentials.endAllOf(tx, id, "user_removed");
      await this.#store.remove(tx, id);
      await this.#requireAnAdmin(tx);
      const detail = { name: user.name };
      await this.#recorder.record(tx, caller, { action: "user.remove", target: id, detail }, [
        { type: "user.removed", payload: named(user) },
        ...ended,
      ]);
    });
    this.#credentials.forgetVerified();
  }

  /** What a role to be given grants. @throws AppError `validation_failed` when there is none of that name. */
  async #scopesOf(role: string, tx?: Connection): Promise<readonly GrantedScope[]> {
    const scopes = await this.#store.roles.findScopes(role, tx);
    if (!scopes) refuseIssues({ role: `"${role}" is not a role` });
    return scopes ?? [];
  }

  /** What a user may do; a role that is gone grants nothing. */
  async #heldBy({ role }: Pick<User, "role">, tx?: Connection): Promise<readonly GrantedScope[]> {
    return (await this.#store.roles.findScopes(role, tx)) ?? [];
  }

  async #isLastAdmin({ role }: User, tx: Connection): Promise<boolean> {
    return role === ADMIN && (await this.#store.countEnabled(tx, ADMIN)) === 1;
  }

  /** Holds after every change: whoever made it, the last administrator would be locked out with everybody else. */
  async #requireAnAdmin(tx: Connection): Promise<void> {
    if ((await this.#store.countEnabled(tx, ADMIN)) > 0) return;
    throw noAdmin();
  }
}

const named = ({ id, name }: Pick<User, "id" | "name">) => ({ userId: id, name });

/** Says which fields of a user have another value now; nothing when all are as before. */
function changed(before: User, wanted: UserChanges): AccessEvent[] {
  const fields = (["role", "disabled"] as const).filter(
    (field) => wanted[field] !== undefined && wanted[field] !== before[field],
  );
  return fields.length === 0 ? [] : [{ type: "user.changed", payload: { ...named(before), fields } }];
}

const noAdmin = (): AppError =>
  new AppError("last_admin", "There must be an administrator who can sign in; make another one first.");

function absent(): never {
  throw new AppError("user_not_found");
}
