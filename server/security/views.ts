import type { IdentityView, RoleView, SessionView, TokenView, UserView } from "./model.ts";
import type { IdentityRow } from "./oidc/identity-store.ts";
import type { Role } from "./roles/roles.ts";
import type { Session } from "./sessions.ts";
import type { Token } from "./token-store.ts";
import type { User } from "./user-store.ts";

/** How records of access leave by every edge: times as ISO 8601, named fields only. */
export const userView = (user: User): UserView => ({
  id: user.id,
  name: user.name,
  role: user.role,
  createdAt: iso(user.createdAt),
  lastSignInAt: isoOrNull(user.lastSignInAt),
  disabled: user.disabled,
  hasPassword: user.hasPassword,
});

export const sessionView = (session: Session): SessionView => ({
  id: session.id,
  userId: session.userId,
  userName: session.userName,
  createdAt: iso(session.createdAt),
  lastSeenAt: iso(session.lastSeenAt),
  expiresAt: iso(session.expiresAt),
  address: session.address,
  userAgent: session.userAgent,
  provider: session.provider,
  current: session.current,
});

export const tokenView = (token: Token): TokenView => ({
  id: token.id,
  name: token.name,
  userId: token.userId,
  userName: token.userName,
  scopes: token.scopes,
  prefix: token.prefix,
  createdAt: iso(token.createdAt),
  expiresAt: isoOrNull(token.expiresAt),
  lastUsedAt: isoOrNull(token.lastUsedAt),
});

export const roleView = ({ name, scopes, description, builtIn }: Role): RoleView => ({
  name,
  scopes: [...scopes],
  description,
  builtIn,
});

export const identityView = (identity: IdentityRow): IdentityView => ({
  id: identity.id,
  userId: identity.userId,
  provider: identity.provider,
  email: identity.email,
  createdAt: iso(identity.createdAt),
  lastUsedAt: isoOrNull(identity.lastUsedAt),
});

export const iso = (atMs: number): string => new Date(atMs).toISOString();
const isoOrNull = (atMs: number | null): string | null => (atMs === null ? null : iso(atMs));
