import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { STATE_MIGRATIONS } from "../../../schema/migrations/state/index.ts";
import { Database } from "../../../server/database/database.ts";
import { type Escalated, type IncidentRules, Incidents } from "../../../server/incidents/service.ts";
import type { Clock } from "../../../server/lib/clock.ts";
import { ManualClock } from "../../support/manual-clock.ts";

export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

/** No escalation but for what a test asks. */
export const QUIET: IncidentRules = {
  retentionMs: 30 * DAY_MS,
  maxIncidents: 1_000,
  escalation: { count: 0, windowMs: 5 * MINUTE_MS, firstInternal: false, pauseMs: 60 * MINUTE_MS },
};

export const openState = (path: string): Database =>
  Database.open({ path, migrations: STATE_MIGRATIONS, synchronous: "NORMAL" });

/** The error centre over a real database in a folder of its own; `await using` closes and removes it. */
export class ErrorCentre implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly escalated: Escalated[] = [];
  readonly incidents: Incidents;
  readonly database: Database;
  rules: IncidentRules = QUIET;
  readonly #folder = mkdtempSync(join(tmpdir(), "binnacle-errors-"));

  constructor(scrub: (text: string) => string = (text) => text) {
    this.database = openState(join(this.#folder, "state.db"));
    this.incidents = newIncidents(this.database, this.clock, () => this.rules, scrub);
    this.incidents.onEscalation(async (_tx, escalated) => this.escalated.push(escalated));
  }

  /** Everything that is kept, the latest first. */
  async all() {
    await this.incidents.flush();
    return (await this.incidents.list({ limit: 200 }, {})).items;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.database.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export const newIncidents = (
  database: Database,
  clock: Clock,
  rules: () => IncidentRules = () => QUIET,
  scrub: (text: string) => string = (text) => text,
): Incidents => new Incidents({ database, clock, rules, scrub });
