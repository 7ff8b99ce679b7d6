import { type AlertVerb, VERBS_OF_ALERT_STATE } from "../../../schema/rules/alert-states.ts";
import type { AlertWatch } from "../../data/alert-watch.ts";
import { ALERT_VERB_WORDS } from "../../data/alert-words.ts";
import type { Alerts, VerbDetails } from "../../data/alerts.ts";
import type { Alert } from "../../data/alerts-types.ts";
import { asProblem } from "../../data/problem.ts";
import type { Session } from "../../data/session.ts";
import type { Toasts } from "../../data/toasts.ts";
import { foreignText } from "../../lib/foreign-text.ts";

/** Requests under way at once when a verb is performed on many. */
const AT_ONCE = 6;
const MAX_NAME = 60;
/** By what a verb is taken back. */
const UNDO: Readonly<Partial<Record<AlertVerb, AlertVerb>>> = {
  acknowledge: "reopen",
  mute: "unmute",
  resolve: "reopen",
};

/** What verbs work with. */
export interface VerbParts {
  alerts: Alerts;
  watch: AlertWatch;
  toasts: Toasts;
}

/** What can be done with an alert by whoever looks. */
export const offeredVerbs = (
  alert: Pick<Alert, "state">,
  session: Session | undefined,
): readonly AlertVerb[] => (session?.can("alerts:write") === true ? VERBS_OF_ALERT_STATE[alert.state] : []);

/** What can be done with each of several alerts. */
export const commonVerbs = (alerts: readonly Alert[], session: Session | undefined): AlertVerb[] => {
  const [first, ...others] = alerts.map((alert) => offeredVerbs(alert, session));
  return (first ?? []).filter((verb) => others.every((offered) => offered.includes(verb)));
};

/**
 * Performs a verb on some alerts and says what became of it, with the way back where there is one. Never throws.
 * @returns those it was done with, as they are now
 */
export async function performOn(
  parts: VerbParts,
  verb: AlertVerb,
  alerts: readonly Alert[],
  details: VerbDetails = {},
): Promise<Alert[]> {
  const done: Alert[] = [];
  const failures: unknown[] = [];
  const waiting = [...alerts];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      try {
        const changed = await parts.alerts.perform(next.id, verb, details);
        parts.watch.hear(changed);
        done.push(changed);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  tell(parts, verb, done, failures);
  return done;
}

function tell(parts: VerbParts, verb: AlertVerb, done: readonly Alert[], failures: readonly unknown[]): void {
  const { toasts } = parts;
  const [first] = done;
  const back = UNDO[verb];
  if (first !== undefined) {
    const what = done.length === 1 ? foreignText(first.message, MAX_NAME) : `${done.length} alerts`;
    const undo = back && { label: "Undo", run: () => void performOn(parts, back, done) };
    toasts.say(`${what}: ${ALERT_VERB_WORDS[verb].done}`, "calm", undo);
  }
  if (failures.length === 1) toasts.sayFailure(failures[0]);
  else if (failures.length > 1) {
    const reasons = [...new Set(failures.map((failure) => asProblem(failure).detail))].slice(0, 2).join(" ");
    toasts.say(`${failures.length} alerts could not be ${ALERT_VERB_WORDS[verb].done}: ${reasons}`, "alarm");
  }
}
