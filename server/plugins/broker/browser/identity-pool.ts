import { AppError } from "../../../errors/app-error.ts";
import type { BrowserIdentity } from "./launcher.ts";

/** Browsers of the whole server at once: each takes some hundred megabytes. */
const MAX_BROWSERS = 4;
/** Apart from the users of plugins; far from those that people and packages get. */
const FIRST_UID = 1_900_000_000;

/** A place for one browser. */
export interface BrowserLease {
  /** Undefined when the server is not root: then the browser is the server's own user. */
  identity: BrowserIdentity | undefined;
  giveBack(): void;
}

/** As many places as the machine is to bear, each with a user that no other process has. */
export class IdentityPool {
  /** That of this process. */
  static readonly ofServer = new IdentityPool(process.getuid?.() === 0 && process.platform === "linux");

  readonly #givesUsers: boolean;
  readonly #taken = new Set<number>();

  constructor(givesUsers: boolean) {
    this.#givesUsers = givesUsers;
  }

  /** @throws AppError `overloaded` when every place is taken */
  take(): BrowserLease {
    const place = Array.from({ length: MAX_BROWSERS }, (_, index) => index).find(
      (index) => !this.#taken.has(index),
    );
    if (place === undefined) throw new AppError("overloaded", `${MAX_BROWSERS} browsers are open already.`);
    this.#taken.add(place);
    const id = FIRST_UID + place;
    return {
      identity: this.#givesUsers ? { uid: id, gid: id } : undefined,
      giveBack: () => this.#taken.delete(place),
    };
  }
}
