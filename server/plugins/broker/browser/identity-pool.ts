import { AppError } from "../../../errors/app-error.ts";
import { USERS, UserPool } from "../../jail/user-pool.ts";
import type { BrowserIdentity } from "./launcher.ts";

/** Browsers of the whole server at once: each takes some hundred megabytes. */
const MAX_BROWSERS = USERS.browsers.most;

/** A place for one browser. */
export interface BrowserLease {
  /** Undefined when the server is not root: then the browser is the server's own user. */
  identity: BrowserIdentity | undefined;
  /** Can be called again. */
  giveBack(): void;
}

/** As many places as the machine is to bear, each with a user that no other process has. */
export class IdentityPool {
  /** That of this process. */
  static readonly ofServer = new IdentityPool(process.getuid?.() === 0 && process.platform === "linux");

  readonly #users: UserPool | undefined;
  readonly #leases = new Set<object>();

  constructor(givesUsers: boolean) {
    if (givesUsers) this.#users = new UserPool(USERS.browsers);
  }

  /** @throws AppError `overloaded` when every place is taken */
  take(): BrowserLease {
    if (this.#leases.size >= MAX_BROWSERS) {
      throw new AppError("overloaded", `${MAX_BROWSERS} browsers are open already.`);
    }
    const uid = this.#users?.take();
    const lease = {};
    this.#leases.add(lease);
    return {
      identity: uid === undefined ? undefined : { uid, gid: uid },
      giveBack: () => {
        // Called again, it must not take the user from whoever has it by then.
        if (this.#leases.delete(lease) && uid !== undefined) this.#users?.release(uid);
      },
    };
  }
}
