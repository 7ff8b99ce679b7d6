import type { Database } from "../../database/database.ts";
import { AppError } from "../../errors/app-error.ts";
import type { Audit } from "../audit.ts";
import type { Caller } from "../caller.ts";
import { isOwn, isWithin, reachOf, requireScope } from "../principal.ts";
import type { UserStore } from "../user-store.ts";
import type { IdentityRow, IdentityStore } from "./identity-store.ts";

/** The accounts at providers by which users sign in. */
export class Identities {
  readonly #database: Database;
  readonly #store: IdentityStore;
  readonly #users: UserStore;
  readonly #audit: Audit;

  constructor(database: Database, store: IdentityStore, users: UserStore, audit: Audit) {
    this.#database = database;
    this.#store = store;
    this.#users = users;
    this.#audit = audit;
  }

  /** One's own, or with `users:read` another's. @throws AppError `unauthenticated`, `scope_missing` */
  async list(userId: string | undefined, caller: Caller): Promise<IdentityRow[]> {
    const { principal } = caller;
    const whose = userId ?? ("userId" in principal ? principal.userId : "");
    if (!isOwn(principal, whose)) requireScope(principal, "users:read");
    return this.#store.listOfUser(whose);
  }

  /**
   * Unlinks an account: one's own, or anybody's with `users:write`.
   * @throws AppError `identity_not_found`, `last_sign_in_way` when nothing else would let the user in.
   */
  async remove(id: string, caller: Caller): Promise<void> {
    const reach = reachOf(caller.principal, "users:write");
    await this.#database.write(async (tx) => {
      const identity = await this.#store.find(id, tx);
      if (!isWithin(reach, identity)) throw new AppError("identity_not_found");
      const { userId, provider } = identity;
      const user = await this.#users.find(userId, tx);
      if (!user?.hasPassword && (await this.#store.countOfUser(tx, userId)) === 1) {
        throw new AppError(
          "last_sign_in_way",
          "Set a password first: there would be no way left to sign in.",
        );
      }
      await this.#store.remove(tx, id);
      const detail = { userName: user?.name, provider };
      await this.#audit.append(tx, caller, { action: "identity.unlink", target: id, detail });
    });
  }
}
