import type { Keyring } from "../secrets/keyring.ts";
import { Access } from "../security/access.ts";
import type { Audit } from "../security/audit.ts";
import { Credentials } from "../security/credentials.ts";
import { DeviceCookies } from "../security/device-cookie.ts";
import { FlowCookies } from "../security/oidc/flow-cookie.ts";
import { Identities } from "../security/oidc/identities.ts";
import { IdentityStore } from "../security/oidc/identity-store.ts";
import { ProviderSignIn } from "../security/oidc/provider-sign-in.ts";
import { Providers } from "../security/oidc/providers.ts";
import { PasswordReset } from "../security/password-reset.ts";
import { PasswordResetStore } from "../security/password-reset-store.ts";
import { Passwords } from "../security/passwords.ts";
import { RateLimits } from "../security/rate-limits.ts";
import { Recorder } from "../security/recorder.ts";
import { RoleStore } from "../security/roles/role-store.ts";
import { Roles } from "../security/roles/roles.ts";
import { SessionCookie } from "../security/session-cookie.ts";
import { SessionStore } from "../security/session-store.ts";
import { Sessions } from "../security/sessions.ts";
import { Setup } from "../security/setup.ts";
import { SetupStore } from "../security/setup-store.ts";
import { SignIn } from "../security/sign-in.ts";
import { TokenStore } from "../security/token-store.ts";
import { Tokens } from "../security/tokens.ts";
import { UserPasswords } from "../security/user-passwords.ts";
import { UserStore } from "../security/user-store.ts";
import { Users } from "../security/users.ts";
import type { Base } from "./base.ts";
import type { Delivery } from "./delivery.ts";

/** Who may do what: users, sessions, tokens, roles, and the ways to sign in. */
export function composeAccess(
  { configuration, folder: { instanceId }, clock, databases: { state } }: Base,
  { audit, keyring }: { audit: Audit; keyring: Keyring },
  { events, outbound }: Delivery,
) {
  const masterKey = () => keyring.masterKey;
  const rateLimits = new RateLimits(configuration, clock);
  const passwords = new Passwords(rateLimits);
  const sessionStore = new SessionStore(state);
  const tokenStore = new TokenStore(state);
  const userStore = new UserStore(state, new RoleStore(state));
  const resetStore = new PasswordResetStore(state);
  const credentials = new Credentials(sessionStore, tokenStore, resetStore);
  const recorder = new Recorder(audit, events, clock);
  const users = new Users(state, userStore, passwords, credentials, recorder, clock);
  const userPasswords = new UserPasswords({
    ...{ database: state, store: userStore, users },
    ...{ passwords, credentials, recorder },
  });
  const sessions = new Sessions(state, sessionStore, credentials, recorder, configuration, clock);
  const tokens = new Tokens(state, tokenStore, userStore, credentials, recorder, clock);
  const roles = new Roles(state, userStore, credentials, recorder, clock);
  const passwordReset = new PasswordReset({
    database: state,
    store: resetStore,
    users,
    userPasswords,
    audit,
    clock,
  });
  const deviceCookies = new DeviceCookies(masterKey, instanceId);
  const setup = new Setup(state, new SetupStore(state), users, sessions, audit, clock);
  const signIn = new SignIn(userStore, passwords, sessions, recorder, clock);
  const sessionCookie = new SessionCookie(instanceId);
  const access = new Access(sessions, tokens, audit, sessionCookie);
  const identityStore = new IdentityStore(state);
  const identities = new Identities(state, identityStore, userStore, audit);
  const providers = new Providers(configuration, outbound);
  const providerSignIn = new ProviderSignIn({
    database: state,
    providers,
    identities: identityStore,
    users,
    sessions,
    audit,
    clock,
  });
  const flowCookies = new FlowCookies(masterKey, instanceId, clock);
  return {
    rateLimits,
    credentials,
    users,
    userPasswords,
    roles,
    sessions,
    tokens,
    setup,
    signIn,
    passwordReset,
    deviceCookies,
    sessionCookie,
    access,
    identities,
    providers,
    providerSignIn,
    flowCookies,
  };
}
