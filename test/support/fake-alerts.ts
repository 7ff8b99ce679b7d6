import type { Alert } from "../../web/data/alerts-types.ts";

const RAISED = "2030-01-01T00:00:00.000Z";
let counted = 0;

/** An alert that fires, as the server tells of it; each has an id of its own. */
export function fakeAlert(more: Partial<Alert> = {}): Alert {
  counted += 1;
  return {
    id: `alert-${counted}`,
    type: "disk_full",
    severity: "HIGH",
    state: "firing",
    message: "sda is full",
    labels: {},
    source: "caller",
    ruleId: null,
    occurrences: 1,
    raisedAt: RAISED,
    lastSeenAt: RAISED,
    stateChangedAt: RAISED,
    stateChangedBy: "ann",
    mutedUntil: null,
    ...more,
  };
}
