import type { Configuration } from "../config/configuration.ts";
import type { Database } from "../database/database.ts";
import { Recovery } from "../incidents/recovery.ts";
import { incidentRules } from "../incidents/rules.ts";
import { Incidents } from "../incidents/service.ts";
import { standardStrategies } from "../incidents/strategies.ts";
import type { Clock } from "../lib/clock.ts";
import type { Redactor } from "../secrets/redactor.ts";

/** The error centre, and what recovers before it hears of a failure. */
export function composeIncidents(
  configuration: Configuration,
  database: Database,
  clock: Clock,
  redactor: Redactor,
) {
  const rules = () => incidentRules(configuration.settings);
  const incidents = new Incidents({ database, clock, rules, scrub: redactor.scrub });
  database.onFailedAnnouncement = (error) => incidents.record(error, { where: "announcing a change" });
  const count = incidents.countRecovery.bind(incidents);
  const recovery = new Recovery({ report: incidents.record, count });
  for (const strategy of standardStrategies(clock, count)) recovery.register(strategy);
  return { incidents, recovery };
}
