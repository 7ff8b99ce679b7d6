/** How far an alert has come. `muted`: it goes on, and nobody is told until the mute ends. */
export const ALERT_STATES = ["firing", "acknowledged", "muted", "resolved"] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** What a person can do with an alert. */
const ALERT_VERBS = ["acknowledge", "mute", "unmute", "resolve", "reopen"] as const;
export type AlertVerb = (typeof ALERT_VERBS)[number];

/** Which verbs a state allows; read by the server before it acts and by the dashboard to offer them. */
export const VERBS_OF_ALERT_STATE = {
  firing: ["acknowledge", "mute", "resolve"],
  acknowledged: ["mute", "resolve", "reopen"],
  muted: ["acknowledge", "mute", "unmute", "resolve"],
  resolved: ["reopen"],
} as const satisfies Record<AlertState, readonly AlertVerb[]>;

/** Who brought an alert forth. */
export const ALERT_SOURCES = ["caller", "rule", "error"] as const;
export type AlertSource = (typeof ALERT_SOURCES)[number];
