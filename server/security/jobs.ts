import type { Timers } from "../scheduler/timers.ts";
import type { Audit } from "./audit.ts";
import type { PasswordReset } from "./password-reset.ts";
import type { Sessions } from "./sessions.ts";
import type { Tokens } from "./tokens.ts";

const MINUTE_MS = 60_000;
const CLEANING_INTERVAL_MS = 5 * MINUTE_MS;

interface AccessParts {
  sessions: Sessions;
  tokens: Tokens;
  audit: Audit;
}

/** What access asks of the timers. Stopping them is not enough at the end: see {@link flushAccess}. */
export function startAccessJobs(timers: Timers, parts: AccessParts & { passwordReset: PasswordReset }): void {
  timers.every("access.uses", MINUTE_MS, () => flushAccess(parts));
  timers.every("access.cleaning", CLEANING_INTERVAL_MS, async () => {
    await parts.sessions.removeEnded();
    await parts.passwordReset.removeExpired();
  });
}

/** Writes what access keeps in memory; at the latest before the database closes. */
export async function flushAccess({ sessions, tokens, audit }: AccessParts): Promise<void> {
  await sessions.flushLastSeen();
  await tokens.flushLastUsed();
  await audit.flush();
}
