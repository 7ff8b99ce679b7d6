import { AppError } from "../errors/app-error.ts";
import type { Caller } from "./caller.ts";
import type { SessionAnswer } from "./model.ts";
import type { Sessions } from "./sessions.ts";
import type { Users } from "./users.ts";
import { iso, userView } from "./views.ts";

/**
 * The user behind a session or token, and what this session or token may do.
 * @throws AppError `session_not_found` for the owner of the data folder, who is no user.
 */
export async function whoAmI(users: Users, sessions: Sessions, caller: Caller): Promise<SessionAnswer> {
  const { principal } = caller;
  if (principal.kind === "nobody" || principal.kind === "owner") throw new AppError("session_not_found");
  const user = userView(await users.get(principal.userId));
  const session = principal.kind === "session" ? await sessions.get(principal.sessionId, caller) : undefined;
  return {
    user,
    scopes: [...principal.scopes],
    expiresAt: session ? iso(session.expiresAt) : null,
  };
}
