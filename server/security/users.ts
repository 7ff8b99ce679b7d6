import { type RoleName, scopesOfRole } from "../../schema/rules/scopes.ts";
import type { Connection, Database } from "../database/database.ts";
import type { Page, PageQuery } from "../database/paging.ts";
import { AppError, errorCodeOf, type InputIssue } from "../errors/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import { newId } from "../lib/ids.ts";
import type { Audit } from "./audit.ts";
import type { Caller } from "./caller.ts";
import type { Credentials } from "./credentials.ts";
import { passwordIssue } from "./password-rules.ts";
import type { Passwords } from "./passwords.ts";
import { isOwn, requireAll, requireScope } from "./principal.ts";
import { nameIssue, normaliseName } from "./user-name.ts";
import type { User, UserRow, UserStore } from "./user-store.ts";

/** A user to be. */
export interface NewUser {
  name: string;
  password: string;
  role: RoleName;
}

/** What an administrator can change of a user. */
export interface UserChanges {
  role?: RoleName | undefined;
  disabled?: boolean | undefined;
}

/** A password to be. */
export interface PasswordChange {
  /** Needed for one's own. */
  currentPassword?: string | undefined;
  newPassword: string;
}

const ADMIN: RoleName = "admin";

/** People who can sign in. Whoever changes one holds every scope that this one holds, before and after. */
export class Users {
  readonly #database: Database;
  readonly #store: UserStore;
  readonly #passwords: Passwords;
  readonly #credentials: Credentials;
  readonly #audit: Audit;
  readonly #clock: Clock;

  constructor(
    database: Database,
    store: UserStore,
    passwords: Passwords,
    credentials: Credentials,
    audit: Audit,
    clock: Clock,
  ) {
    this.#database = database;
    this.#store = store;
    this.#passwords = passwords;
    this.#credentials = credentials;
    this.#audit = audit;
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
    requireAll(caller.principal, scopesOfRole(input.role));
    const row = await this.draft(input);
    return this.#database.write((tx) => this.add(tx, row, caller));
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
    await this.#requireAnAdmin(tx);
    const detail = { name: row.name, role: row.role };
    await this.#audit.append(tx, caller, { action: "user.create", target: row.id, detail });
    const { passwordHash: _, ...user } = row;
    return user;
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
        ...scopesOfRole(before.role),
        ...scopesOfRole(changes.role ?? before.role),
      ]);
      if (Object.keys(wanted).length === 0) return before;
      await this.#store.update(tx, id, wanted);
      if (changes.disabled) await this.#credentials.endAllOf(tx, id);
      await this.#requireAnAdmin(tx);
      const detail = { name: before.name, ...wanted };
      await this.#audit.append(tx, caller, { action: "user.update", target: id, detail });
      return { ...before, ...wanted };
    });
    this.#credentials.forgetVerified();
    return user;
  }

  /**
   * Sets a password and ends the user's sessions, but for the one that asks. One's own needs the current one; another's
   * needs `users:write` and all their scopes.
   * @throws AppError `user_not_found`, `scope_missing`, `validation_failed`, `rate_limited`
   */
  async changePassword(id: string, change: PasswordChange, caller: Caller): Promise<void> {
    const { principal } = caller;
    if (!isOwn(principal, id)) requireScope(principal, "users:write");
    const row = (await this.#store.findRow(id)) ?? absent();
    if (isOwn(principal, id)) await this.#confirm(row, change.currentPassword);
    else requireAll(principal, scopesOfRole(row.role));
    refuseIssues({ newPassword: passwordIssue(change.newPassword, row.name) });
    const passwordHash = await this.#passwords.hash(change.newPassword);
    const keptSession = principal.kind === "session" ? principal.sessionId : undefined;
    await this.#database.write(async (tx) => {
      const now = (await this.#store.findRow(id, tx)) ?? absent();
      if (now.passwordHash !== row.passwordHash) throw changedMeanwhile();
      await this.#store.update(tx, id, { passwordHash });
      await this.#credentials.endSessionsOf(tx, id, keptSession);
      await this.#audit.append(tx, caller, { action: "user.change_password", target: id });
    });
    this.#credentials.forgetVerified();
  }

  /** Removes a user with all sessions and tokens. @throws AppError `user_not_found`, `scope_missing`, `last_admin` */
  async remove(id: string, caller: Caller): Promise<void> {
    await this.#database.write(async (tx) => {
      const user = (await this.#store.find(id, tx)) ?? absent();
      requireAll(caller.principal, scopesOfRole(user.role));
      await this.#store.remove(tx, id);
      await this.#requireAnAdmin(tx);
      const detail = { name: user.name };
      await this.#audit.append(tx, caller, { action: "user.remove", target: id, detail });
    });
    this.#credentials.forgetVerified();
  }

  async #confirm(row: UserRow, password: string | undefined): Promise<void> {
    if (password !== undefined && (await this.#passwords.confirm(row.id, password, row.passwordHash))) return;
    refuseIssues({ currentPassword: password === undefined ? "is needed to change your own" : "is wrong" });
  }

  /** Holds after every change: whoever made it, the last administrator would be locked out with everybody else. */
  async #requireAnAdmin(tx: Connection): Promise<void> {
    if ((await this.#store.countEnabled(tx, ADMIN)) > 0) return;
    throw new AppError(
      "last_admin",
      "There must be an administrator who can sign in; make another one first.",
    );
  }
}

function absent(): never {
  throw new AppError("user_not_found");
}

const changedMeanwhile = (): AppError =>
  new AppError(
    "validation_failed",
    "The password was changed at the same moment; try again with the new one.",
  );

/** @throws AppError `validation_failed` with one issue for each field that has a text. */
function refuseIssues(fields: Readonly<Record<string, string | undefined>>): void {
  const issues: InputIssue[] = Object.entries(fields).flatMap(([path, message]) =>
    message === undefined ? [] : [{ path, message }],
  );
  if (issues.length === 0) return;
  const sentence = issues.map(({ path, message }) => `${path} ${message}`).join("; ");
  throw new AppError("validation_failed", `${sentence}.`, { issues });
}
