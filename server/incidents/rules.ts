import type { Settings } from "../config/schema.ts";
import type { IncidentRules } from "./service.ts";

const MS_PER_MINUTE = 60_000;
const MS_PER_DAY = 86_400_000;

/** What the settings say about keeping and escalating. */
export const incidentRules = ({
  errors: { escalation, retentionDays, maxIncidents },
}: Settings): IncidentRules => ({
  retentionMs: retentionDays * MS_PER_DAY,
  maxIncidents,
  escalation: {
    count: escalation.count,
    windowMs: escalation.windowMinutes * MS_PER_MINUTE,
    firstInternal: escalation.firstInternal,
    pauseMs: escalation.pauseMinutes * MS_PER_MINUTE,
  },
});
