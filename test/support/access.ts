import { STATE_MIGRATIONS } from "../../schema/migrations/state/index.ts";
import { Configuration } from "../../server/config/configuration.ts";
import { Database } from "../../server/database/database.ts";
import { Events } from "../../server/events/events.ts";
import { silentLogger } from "../../server/logs/logger.ts";
import { Access } from "../../server/security/access.ts";
import { Audit } from "../../server/security/audit.ts";
import { AuditLog } from "../../server/security/audit-log.ts";
import { AuditStore } from "../../server/security/audit-store.ts";
import type { Caller } from "../../server/security/caller.ts";
import { Credentials } from "../../server/security/credentials.ts";
import { DeviceCookies } from "../../server/security/device-cookie.ts";
import { flushAccess } from "../../server/security/jobs.ts";
import { PasswordReset } from "../../server/security/password-reset.ts";
import { PasswordResetStore } from "../../server/security/password-reset-store.ts";
import { Passwords } from "../../server/security/passwords.ts";
import { NOBODY, OWNER, type Principal } from "../../server/security/principal.ts";
import { RateLimits } from "../../server/security/rate-limits.ts";
import { Recorder } from "../../server/security/recorder.ts";
import { RoleStore } from "../../server/security/roles/role-store.ts";
import { Roles } from "../../server/security/roles/roles.ts";
import { SessionCookie } from "../../server/security/session-cookie.ts";
import { SessionStore } from "../../server/security/session-store.ts";
import { Sessions } from "../../server/security/sessions.ts";
import { Setup } from "../../server/security/setup.ts";
import { SetupStore } from "../../server/security/setup-store.ts";
import { SignIn } from "../../server/security/sign-in.ts";
import { TokenStore } from "../../server/security/token-store.ts";
import { Tokens } from "../../server/security/tokens.ts";
import { UserPasswords } from "../../server/security/user-passwords.ts";
import type { User } from "../../server/security/user-store.ts";
import { UserStore } from "../../server/security/user-store.ts";
import { Users } from "../../server/security/users.ts";
import { ManualClock } from "./manual-clock.ts";
import { TempFolder } from "./temp-folder.ts";

/** A password that passes the rules. */
export const PASSWORD = "correct horse battery";
export const AGENT = { userAgent: "Test/1.0" };

/** Somebody who calls a verb in a test. */
export const callerOf = (principal: Principal): Caller => ({
  principal,
  correlationId: "test-correlation",
  clientAddress: "192.0.2.7",
});

export const GUEST = callerOf(NOBODY);
export const AS_OWNER = callerOf(OWNER);

const MASTER_KEY = new Uint8Array(32).fill(7);

/** The parts of access over a real database in a folder of the test's own; `await using` closes and removes it. */
export class AccessHouse implements AsyncDisposable {
  readonly folder = new TempFolder();
  readonly clock = new ManualClock();
  readonly configuration: Configuration;
  readonly state = Database.open({
    path: this.folder.file("state.db"),
    migrations: STATE_MIGRATIONS,
    synchronous: "NORMAL",
  });
  readonly events = new Events({ database: this.state, clock: this.clock, log: silentLogger });
  readonly rateLimits: RateLimits;
  readonly audit: Audit;
  readonly auditLog: AuditLog;
  readonly users: Users;
  readonly userPasswords: UserPasswords;
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  readonly roles: Roles;
  readonly passwordReset: PasswordReset;
  readonly setup: Setup;
  readonly signIn: SignIn;
  readonly deviceCookies = new DeviceCookies(() => MASTER_KEY, "7e57ed");
  readonly sessionCookie = new SessionCookie("7e57ed");
  readonly baseUrl = () => "https://binnacle.example";
  readonly access: Access;

  /** @param settings dotted key → value. */
  constructor(settings: Readonly<Record<string, unknown>> = {}) {
    const { state, clock } = this;
    this.configuration = new Configuration([{ origin: "test", values: new Map(Object.entries(settings)) }]);
    this.rateLimits = new RateLimits(this.configuration, clock);
    const auditStore = new AuditStore(state);
    const auditKey = MASTER_KEY;
    this.audit = new Audit(state, auditStore, clock, auditKey);
    this.auditLog = new AuditLog({ database: state, store: auditStore, clock, key: auditKey });
    const recorder = new Recorder(this.audit, this.events, clock);
    const passwords = new Passwords(this.rateLimits);
    const userStore = new UserStore(state, new RoleStore(state));
    const resetStore = new PasswordResetStore(state);
    const sessionStore = new SessionStore(state);
    const tokenStore = new TokenStore(state);
    const credentials = new Credentials(sessionStore, tokenStore, resetStore);
    this.users = new Users(state, userStore, passwords, credentials, recorder, clock);
    this.userPasswords = new UserPasswords({
      ...{ database: state, store: userStore, users: this.users },
      ...{ passwords, credentials, recorder },
    });
    this.sessions = new Sessions(state, sessionStore, credentials, recorder, this.configuration, clock);
    this.tokens = new Tokens(state, tokenStore, userStore, credentials, recorder, clock);
    this.roles = new Roles(state, userStore, credentials, recorder, clock);
    this.passwordReset = new PasswordReset({
      ...{ database: state, store: resetStore, users: this.users, userPasswords: this.userPasswords },
      ...{ audit: this.audit, clock },
    });
    this.setup = new Setup(state, new SetupStore(state), this.users, this.sessions, this.audit, clock);
    this.signIn = new SignIn(userStore, passwords, this.sessions, recorder, clock);
    this.access = new Access(this.sessions, this.tokens, this.audit, this.sessionCookie);
  }

  async add(name: string, role: string): Promise<User> {
    return this.users.create({ name, password: PASSWORD, role }, AS_OWNER);
  }

  /** Signs in; gives the secret of the cookie and a caller that acts by that session. */
  async enter(name: string): Promise<{ secret: string; caller: Caller; sessionId: string }> {
    const { secret, session } = await this.signIn.withPassword({ name, password: PASSWORD }, GUEST, AGENT);
    const principal = await this.sessions.authenticate(secret);
    if (!principal) throw new Error("The session just begun is not known.");
    return { secret, caller: callerOf(principal), sessionId: session.id };
  }

  /** Makes a token of `caller` and gives it with a caller that acts by it. */
  async issue(caller: Caller, ...scopes: string[]): Promise<{ secret: string; caller: Caller; id: string }> {
    const { secret, token } = await this.tokens.create({ name: "test", scopes, expiresInDays: null }, caller);
    const principal = await this.tokens.authenticate(secret);
    if (!principal) throw new Error("The token just made is not known.");
    return { secret, caller: callerOf(principal), id: token.id };
  }

  /** Rows of a table as they are stored. */
  stored<Row>(query: string): Row[] {
    return this.state.reader.$client.query<Row, []>(query).all();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await flushAccess(this);
    await this.state.close();
    this.folder[Symbol.dispose]();
  }
}
