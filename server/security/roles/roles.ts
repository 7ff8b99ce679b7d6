import { type GrantedScope, isRoleName, ROLE_NAMES, ROLES } from "../../../schema/rules/scopes.ts";
import type { Connection, Database } from "../../database/database.ts";
import { AppError, errorCodeOf } from "../../errors/app-error.ts";
import type { Clock } from "../../lib/clock.ts";
import type { AccessEvent } from "../access-events.ts";
import type { Caller } from "../caller.ts";
import type { Credentials } from "../credentials.ts";
import { readScopes, refuseIssues } from "../input-issues.ts";
import { requireAll } from "../principal.ts";
import type { Recorder } from "../recorder.ts";
import type { UserStore } from "../user-store.ts";
import type { RoleRow } from "./role-store.ts";

/** A named set of scopes. */
export interface Role {
  name: string;
  description: string;
  scopes: readonly GrantedScope[];
  /** It ships with Binnacle and cannot be changed. */
  builtIn: boolean;
}

/** A role to be. */
export interface NewRole {
  name: string;
  description: string;
  /** As a person writes them. */
  scopes: readonly string[];
}

/** What can be changed of a custom role. */
export interface RoleChanges {
  description?: string | undefined;
  scopes?: readonly string[] | undefined;
}

const MAX_ROLES = 100;
export const MAX_ROLE_NAME_LENGTH = 32;
const NAME = /^[a-z][a-z0-9-]{0,31}$/;

/**
 * Roles: those that ship, and those made here. Whoever makes, changes or removes one holds every scope that it grants,
 * before and after. A change counts at the next request of everybody who has the role, in sessions and tokens alike.
 */
export class Roles {
  readonly #database: Database;
  readonly #users: UserStore;
  readonly #credentials: Credentials;
  readonly #recorder: Recorder;
  readonly #clock: Clock;

  constructor(
    database: Database,
    users: UserStore,
    credentials: Credentials,
    recorder: Recorder,
    clock: Clock,
  ) {
    this.#database = database;
    this.#users = users;
    this.#credentials = credentials;
    this.#recorder = recorder;
    this.#clock = clock;
  }

  /** Those that ship, then the others by name. */
  async list(): Promise<Role[]> {
    return [...ROLE_NAMES.map(builtInRole), ...(await this.#users.roles.list()).map(customRole)];
  }

  /** @throws AppError `role_not_found` */
  async get(name: string): Promise<Role> {
    if (isRoleName(name)) return builtInRole(name);
    return customRole(await this.#require(name));
  }

  /** @throws AppError `scope_missing`, `validation_failed`, `name_taken` */
  async create(input: NewRole, caller: Caller): Promise<Role> {
    const name = input.name.toLowerCase();
    refuseIssues({
      name: NAME.test(name)
        ? undefined
        : "must begin with a letter and have at most 32 letters, digits and dashes",
    });
    const scopes = readScopes(input.scopes);
    requireAll(caller.principal, scopes);
    if (isRoleName(name)) throw taken(name);
    const now = this.#clock.now();
    const row = { name, description: input.description, scopes, createdAt: now, changedAt: now };
    await this.#database.write(async (tx) => {
      if ((await this.#users.roles.count(tx)) >= MAX_ROLES) refuseIssues({ name: tooMany });
      await this.#users.roles.insert(tx, row).catch((cause: unknown) => {
        if (String(errorCodeOf(cause)).startsWith("SQLITE_CONSTRAINT")) throw taken(name, cause);
        throw cause;
      });
      const line = { action: "role.create", target: name, detail: { scopes } };
      await this.#recorder.record(tx, caller, line, [roleChanged(name, "created")]);
    });
    return customRole(row);
  }

  /**
   * Changes a custom role; links that set a password of somebody who has it are void then, because whoever made one may
   * hold less than the role grants now.
   * @throws AppError `role_not_found`, `role_built_in`, `scope_missing`, `validation_failed`
   */
  async update(name: string, changes: RoleChanges, caller: Caller): Promise<Role> {
    refuseBuiltIn(name);
    const scopes = changes.scopes && readScopes(changes.scopes);
    const role = await this.#database.write(async (tx) => {
      const before = await this.#require(name, tx);
      requireAll(caller.principal, [...before.scopes, ...(scopes ?? [])]);
      const wanted = {
        ...(changes.description === undefined ? {} : { description: changes.description }),
        ...(scopes ? { scopes } : {}),
      };
      await this.#users.roles.update(tx, name, { ...wanted, changedAt: this.#clock.now() });
      if (scopes) await this.#credentials.endResetsOfRole(tx, name);
      const detail = { ...wanted, ...(scopes ? { scopesBefore: before.scopes } : {}) };
      const line = { action: "role.update", target: name, detail };
      await this.#recorder.record(tx, caller, line, [roleChanged(name, "changed")]);
      return customRole({ ...before, ...wanted });
    });
    this.#credentials.forgetVerified();
    return role;
  }

  /** @throws AppError `role_not_found`, `role_built_in`, `role_in_use`, `scope_missing` */
  async remove(name: string, caller: Caller): Promise<void> {
    refuseBuiltIn(name);
    await this.#database.write(async (tx) => {
      const role = await this.#require(name, tx);
      requireAll(caller.principal, role.scopes);
      const holders = await this.#users.countOfRole(tx, name);
      if (holders > 0) throw inUse(name, holders);
      await this.#users.roles.remove(tx, name);
      const line = { action: "role.remove", target: name };
      await this.#recorder.record(tx, caller, line, [roleChanged(name, "removed")]);
    });
    this.#credentials.forgetVerified();
  }

  async #require(name: string, db?: Connection): Promise<RoleRow> {
    const row = await this.#users.roles.find(name, db);
    if (row) return row;
    throw new AppError("role_not_found", `There is no role named "${name}".`);
  }
}

const roleChanged = (name: string, change: "created" | "changed" | "removed"): AccessEvent => ({
  type: "role.changed",
  payload: { name, change },
});

const builtInRole = (name: keyof typeof ROLES): Role => ({ name, ...ROLES[name], builtIn: true });

const customRole = ({ name, description, scopes }: RoleRow): Role => ({
  name,
  description,
  scopes,
  builtIn: false,
});

function refuseBuiltIn(name: string): void {
  if (!isRoleName(name)) return;
  throw new AppError("role_built_in", `${name} ships with Binnacle; make a role of your own beside it.`);
}

const tooMany = `cannot be added: there are ${MAX_ROLES} custom roles already`;

const taken = (name: string, cause?: unknown): AppError =>
  new AppError("name_taken", `There is a role named "${name}" already.`, { cause });

const inUse = (name: string, holders: number): AppError =>
  new AppError(
    "role_in_use",
    `${holders === 1 ? "One user has" : `${holders} users have`} the role ${name}; give them another one first.`,
  );
