import type { StatusLevel } from "../../components/bn-status.ts";
import type { ErrorSummary, Incident, IncidentState } from "../../data/incidents.ts";
import { formatFigure } from "../../lib/format.ts";

const SHOWN_REFUSALS = 3;

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

/** `12,408 requests answered in 24 h · 3 failures · 214 refused (180 not_found)`. */
export function proofText({ answered, hours, failures, refused }: ErrorSummary): string {
  const total = refused.reduce((sum, { count }) => sum + count, 0);
  const most = refused.slice(0, SHOWN_REFUSALS).map(({ code, count }) => `${formatFigure(count, 0)} ${code}`);
  return [
    `${formatFigure(answered, 0)} requests answered in ${hours} h`,
    failures === 1 ? "1 failure" : `${formatFigure(failures, 0)} failures`,
    ...(total === 0 ? [] : [`${formatFigure(total, 0)} refused (${most.join(", ")})`]),
  ].join(" · ");
}
