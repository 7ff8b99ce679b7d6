import { and, eq, lt, type SQL } from "drizzle-orm";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";
import { type GrantedScope, isRoleName, scopesOfRole } from "../../schema/rules/scopes.ts";

/** A table of what belongs to users: sessions, tokens. Ids grow with time. */
interface Owned {
  id: SQLiteColumn;
  userId: SQLiteColumn;
}

/** Rows of one user, or of all, that are older than the one of id `before`: a page of a list that begins with the newest. */
export const ownedBefore = (
  { id, userId }: Owned,
  owner: string | undefined,
  before: string | undefined,
): SQL | undefined =>
  and(owner === undefined ? undefined : eq(userId, owner), before === undefined ? undefined : lt(id, before));

/** What the owner's role grants now: a role that ships, or one with the scopes that were stored for it. */
export const scopesOfOwner = (
  role: string,
  stored: readonly GrantedScope[] | null,
): readonly GrantedScope[] => (isRoleName(role) ? scopesOfRole(role) : (stored ?? []));
