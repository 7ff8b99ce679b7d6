import type { Alert } from "../alert.ts";

const RESOLVED = "resolved";

/** How an alert stands, as people are told it. */
export const toldAs = ({ state, severity }: Alert): string =>
  state === "resolved" ? RESOLVED : `firing:${severity}`;

/** Whether people who were told `told` have something to hear: that it fires, matters more, or is over. */
export function isNews(alert: Alert, told: string | null, tellResolved: boolean): boolean {
  if (alert.state === "firing") return told !== toldAs(alert);
  if (alert.state === "resolved") return tellResolved && told !== null && told !== RESOLVED;
  return false;
}
