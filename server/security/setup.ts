import { timingSafeEqual } from "node:crypto";
import type { Connection, Database } from "../database/database.ts";
import { AppError } from "../errors/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import { sha256Hex } from "../lib/ids.ts";
import type { Audit } from "./audit.ts";
import type { Caller } from "./caller.ts";
import { newHashedSecret } from "./secrets.ts";
import type { Sessions } from "./sessions.ts";
import type { SetupStore } from "./setup-store.ts";
import type { SignedIn, SignInBrowser } from "./sign-in.ts";
import type { Users } from "./users.ts";

/** A set-up link just made: the only moment its token is known. */
export interface SetupLink {
  token: string;
  /** Epoch milliseconds. */
  expiresAt: number;
}

/** What the first person sends. */
export interface FirstAdmin {
  token: string;
  name: string;
  password: string;
}

const LIFETIME_MS = 30 * 60 * 1_000;

/** The path of the set-up page; the token stands in the fragment, which no browser sends to a server or a referrer. */
export const setupUrl = (baseUrl: string, token: string): string =>
  `${baseUrl.replace(/\/$/, "")}/setup#token=${token}`;

/** The one-time link by which the first administrator comes to be. There is no default password. */
export class Setup {
  readonly #database: Database;
  readonly #store: SetupStore;
  readonly #users: Users;
  readonly #sessions: Sessions;
  readonly #audit: Audit;
  readonly #clock: Clock;

  constructor(
    database: Database,
    store: SetupStore,
    users: Users,
    sessions: Sessions,
    audit: Audit,
    clock: Clock,
  ) {
    this.#database = database;
    this.#store = store;
    this.#users = users;
    this.#sessions = sessions;
    this.#audit = audit;
    this.#clock = clock;
  }

  /** Whether nobody has an account yet. */
  async needed(): Promise<boolean> {
    return (await this.#users.count()) === 0;
  }

  /** Makes a link in place of the one before. @throws AppError `already_set_up` */
  async issue(caller: Caller): Promise<SetupLink> {
    const { secret: token, hash: tokenHash } = newHashedSecret();
    const expiresAt = this.#clock.now() + LIFETIME_MS;
    await this.#database.write(async (tx) => {
      await this.#refuseWhenDone(tx);
      await this.#store.replace(tx, { tokenHash, expiresAt });
      await this.#audit.append(tx, caller, { action: "setup.issue", target: "setup" });
    });
    return { token, expiresAt };
  }

  /**
   * Creates the first administrator and signs them in, in one unit of work: of two who race, one wins and the other is
   * told that the server is set up.
   * @throws AppError `already_set_up`, `setup_link_invalid`, `validation_failed`
   */
  async complete(input: FirstAdmin, caller: Caller, { userAgent }: SignInBrowser): Promise<SignedIn> {
    const { token, name, password } = input;
    await this.#requireValid(token, caller);
    const row = await this.#users.draft({ name, password, role: "admin" });
    return this.#sessions.begin(caller, userAgent, { by: "setup" }, async (tx) => {
      await this.#requireValid(token, caller, tx);
      await this.#store.remove(tx);
      return this.#users.add(tx, { ...row, lastSignInAt: row.createdAt }, caller);
    });
  }

  async #requireValid(token: string, caller: Caller, tx?: Connection): Promise<void> {
    await this.#refuseWhenDone(tx);
    const row = await this.#store.find(tx);
    const isValid =
      row !== undefined && this.#clock.now() < row.expiresAt && isSame(sha256Hex(token), row.tokenHash);
    if (isValid) return;
    this.#audit.recordRefusal(caller, { action: "setup.complete", target: "setup" });
    throw new AppError(
      "setup_link_invalid",
      'The set-up link is used, expired or wrong; make a new one with "binnacle setup-link".',
    );
  }

  async #refuseWhenDone(db?: Connection): Promise<void> {
    if ((await this.#users.count(db)) > 0) throw new AppError("already_set_up");
  }
}

const isSame = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
