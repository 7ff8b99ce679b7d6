import { covers, coversAll, type GrantedScope, ROLES, type Scope } from "../../schema/rules/scopes.ts";
import { AppError } from "../errors/app-error.ts";

/** Who is asking: nobody (who may look, where the settings say so), a signed-in person, a token, or the owner of the data folder (control socket, offline command). */
export type Principal =
  | { kind: "nobody"; scopes: readonly GrantedScope[] }
  | { kind: "session"; scopes: readonly GrantedScope[]; userId: string; userName: string; sessionId: string }
  | { kind: "token"; scopes: readonly GrantedScope[]; userId: string; userName: string; tokenId: string }
  | { kind: "owner"; scopes: readonly ["*"] };

export const NOBODY: Principal = { kind: "nobody", scopes: [] };
/** Nobody, where `dashboard.auth` is off: may look, owns nothing. */
export const ANONYMOUS_VIEWER: Principal = { kind: "nobody", scopes: ROLES.viewer.scopes };
export const OWNER: Principal = { kind: "owner", scopes: ["*"] };

/** How a principal stands in the audit log. */
export function principalName(principal: Principal): string {
  if (principal.kind === "nobody" || principal.kind === "owner") return principal.kind;
  return principal.kind === "token" ? `${principal.userName} (token)` : principal.userName;
}

/**
 * Passes when `principal` holds `scope`.
 * @throws AppError `unauthenticated` for nobody, `scope_missing` for the rest.
 */
export function requireScope(principal: Principal, scope: Scope): void {
  if (covers(principal.scopes, scope)) return;
  if (principal.kind === "nobody") throw new AppError("unauthenticated");
  throw new AppError("scope_missing", `This needs the scope ${scope}.`);
}

/** Passes for anybody who is known. @throws AppError `unauthenticated` */
export function requireSomebody(principal: Principal): void {
  if (principal.kind === "nobody") throw new AppError("unauthenticated");
}

/**
 * Passes when `principal` holds every one of `scopes`: nobody gives away, or takes from another, what they do not hold.
 * @throws AppError `unauthenticated`, `scope_missing`
 */
export function requireAll(principal: Principal, scopes: readonly GrantedScope[]): void {
  requireSomebody(principal);
  const missing = scopes.find((scope) => !coversAll(principal.scopes, [scope]));
  if (missing) throw new AppError("scope_missing", `This needs the scope ${missing}, which you do not hold.`);
}

/** Whether the records of the user `userId` are `principal`'s own. A token has none: it may do what its scopes say. */
export const isOwn = (principal: Principal, userId: string): boolean =>
  principal.kind === "session" && principal.userId === userId;

/**
 * Whose records `principal` may reach: everybody's (undefined) with `scope`, else a signed-in person's own.
 * @throws AppError `unauthenticated`, `scope_missing`
 */
export function reachOf(principal: Principal, scope: Scope): string | undefined {
  if (covers(principal.scopes, scope)) return undefined;
  if (principal.kind === "session") return principal.userId;
  requireScope(principal, scope);
  return undefined;
}

/** Whether a record exists and lies within what {@link reachOf} allows; another's is treated as absent. */
export const isWithin = <T extends { userId: string }>(
  reach: string | undefined,
  record: T | undefined,
): record is T => record !== undefined && (reach === undefined || record.userId === reach);

/** Who asks, whatever session or token they use; its kind when there is no user behind a principal. */
export const personOf = (principal: Principal): { id: string; name: string } =>
  "userId" in principal
    ? { id: principal.userId, name: principal.userName }
    : { id: principal.kind, name: principal.kind };

/** What can be revoked: the session or the token behind a principal; its kind when there is none. */
export function credentialOf(principal: Principal): string {
  if (principal.kind === "session") return principal.sessionId;
  return principal.kind === "token" ? principal.tokenId : principal.kind;
}
