import { ERROR_CATALOGUE } from "../errors/catalogue.ts";
import { type ListedIncident, type RecoveryCount, SHOWN_HOURS } from "./incident.ts";
import type { IncidentDetail, IncidentView, RecoveryView, StrategyView } from "./model.ts";
import type { RecoveryStrategy } from "./recovery.ts";
import type { DaySummary } from "./store.ts";

const MAX_HEADLINE_LENGTH = 200;

const iso = (at: number): string => new Date(at).toISOString();
const isoOrNull = (at: number | null): string | null => (at === null ? null : iso(at));

/** An incident as every edge lists it. */
export const incidentView = (incident: ListedIncident): IncidentView => ({
  id: incident.id,
  code: incident.code,
  kind: incident.kind,
  // A code that a newer version wrote has no words here.
  title: ERROR_CATALOGUE[incident.code]?.title ?? incident.code,
  state: incident.state,
  headline: headlineOf(incident),
  message: incident.message,
  place: incident.place,
  count: incident.count,
  hours: [...incident.hours],
  firstSeenAt: iso(incident.firstSeenAt),
  lastSeenAt: iso(incident.lastSeenAt),
  regressions: incident.regressions,
  stateChangedAt: isoOrNull(incident.stateChangedAt),
  stateChangedBy: incident.stateChangedBy,
  escalatedAt: isoOrNull(incident.escalatedAt),
});

/** The public sentence of an unknown fault is the same for each of them: its cause tells them apart. */
function headlineOf({ code, cause, message }: ListedIncident): string {
  return (code === "internal" && cause.split("\n", 1)[0]?.slice(0, MAX_HEADLINE_LENGTH)) || message;
}

/** All that is known of one. */
export const incidentDetail = (
  incident: ListedIncident,
  recoveries: readonly RecoveryCount[],
): IncidentDetail => ({
  ...incidentView(incident),
  frame: incident.frame,
  cause: incident.cause,
  occurrences: incident.occurrences.map(({ correlationId, at, place, principal = null }) => ({
    correlationId,
    at: iso(at),
    place,
    principal,
  })),
  recoveries: recoveries.map(recoveryView),
});

export const recoveryView = ({ lastAttemptAt, ...count }: RecoveryCount): RecoveryView => ({
  ...count,
  lastAttemptAt: iso(lastAttemptAt),
});

/** The strategies with what they did. */
export const strategyViews = (
  strategies: readonly RecoveryStrategy[],
  counts: readonly RecoveryCount[],
): StrategyView[] =>
  strategies.map(({ name, description }) => {
    const own = counts.filter(({ strategy }) => strategy === name);
    return {
      name,
      description,
      attempts: own.reduce((sum, { attempts }) => sum + attempts, 0),
      successes: own.reduce((sum, { successes }) => sum + successes, 0),
      byCode: own.map(recoveryView),
    };
  });

export const summaryView = ({ answered, failures, refused, states }: DaySummary) => ({
  hours: SHOWN_HOURS,
  answered,
  failures,
  refused,
  states,
});
