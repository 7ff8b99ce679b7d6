/**
 * How publishing by an application stands in the audit log: as a use, one row a minute for each who does it. The events
 * themselves say what was published, with the same caller as their source.
 */
export const PUBLISHING = { action: "event.publish", target: "events" } as const;
