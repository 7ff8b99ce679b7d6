import { randomInt } from "node:crypto";
import { AppError } from "../../../errors/app-error.ts";
import { processesOf } from "./browser-processes.ts";
import type { BrowserIdentity } from "./launcher.ts";

/** Browsers of the whole server at once: each takes some hundred megabytes. */
const MAX_BROWSERS = 4;
/** Far from the users of plugins, and from those that people and packages get. */
const FIRST_UID = 1_900_000_000;
/** Drawn from so many that two servers of one machine do not meet; whoever has a uid is killed by it. */
const UIDS = 100_000_000;

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

  readonly #givesUsers: boolean;
  readonly #leases = new Set<object>();

  constructor(givesUsers: boolean) {
    this.#givesUsers = givesUsers;
  }

  /** @throws AppError `overloaded` when every place is taken */
  take(): BrowserLease {
    if (this.#leases.size >= MAX_BROWSERS) {
      throw new AppError("overloaded", `${MAX_BROWSERS} browsers are open already.`);
    }
    const identity = this.#givesUsers ? unusedUser() : undefined;
    const lease = {};
    this.#leases.add(lease);
    return { identity, giveBack: () => this.#leases.delete(lease) };
  }
}

function unusedUser(): BrowserIdentity {
  for (;;) {
    const id = FIRST_UID + randomInt(UIDS);
    if (processesOf({ uid: id, group: 0 }).length === 0) return { uid: id, gid: id };
  }
}
