import { covers, type GrantedScope, type Scope } from "../../schema/rules/scopes.ts";
import { AppError } from "../errors/app-error.ts";

/** Who is asking: nobody, a signed-in person, a token, or the owner of the data folder (control socket, offline command). */
export type Principal =
  | { kind: "nobody"; scopes: readonly [] }
  | { kind: "session"; scopes: readonly GrantedScope[]; userId: string; userName: string; sessionId: string }
  | { kind: "token"; scopes: readonly GrantedScope[]; userId: string; userName: string; tokenId: string }
  | { kind: "owner"; scopes: readonly ["*"] };

export const NOBODY: Principal = { kind: "nobody", scopes: [] };
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
