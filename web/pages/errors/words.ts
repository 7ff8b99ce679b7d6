import type { StatusLevel } from "../../components/bn-status.ts";
import type { Incident, IncidentState } from "../../data/incidents.ts";

const STATE_WORDS: Record<IncidentState, string> = {
  open: "Open",
  reopened: "Came back",
  resolved: "Resolved",
  ignored: "Ignored",
};

/** The state of an incident as shape and word: an open fault inside alarms, an open outage asks to be watched. */
export function stateOf({ state, kind }: Pick<Incident, "state" | "kind">): {
  level: StatusLevel;
  word: string;
} {
  const word = STATE_WORDS[state];
  if (state === "resolved") return { level: "calm", word };
  if (state === "ignored") return { level: "unknown", word };
  return { level: kind === "internal" ? "alarm" : "watch", word };
}

const STRATEGY_WORDS: Record<string, string> = {
  retry: "Retry",
  restart: "Restart",
  open_circuit: "Open the circuit",
  fall_back: "Fall back",
  escalate: "Escalate",
};

/** What a strategy is called. */
export const strategyWord = (name: string): string => STRATEGY_WORDS[name] ?? name;

/** `3 of 4 (75 %)`. */
export function successText(successes: number, attempts: number): string {
  if (attempts === 0) return "never needed";
  return `${successes} of ${attempts} (${Math.round((successes / attempts) * 100)}\u00a0%)`;
}
