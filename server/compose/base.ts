import type { Cache } from "../cache/cache.ts";
import type { Configuration } from "../config/configuration.ts";
import type { DataFolder } from "../database/data-folder.ts";
import type { Database } from "../database/database.ts";
import type { Traffic } from "../http/traffic.ts";
import type { Recovery } from "../incidents/recovery.ts";
import type { Incidents } from "../incidents/service.ts";
import type { Clock } from "../lib/clock.ts";
import type { Probe } from "../lib/probe.ts";
import type { Logger } from "../logs/logger.ts";
import type { Timers } from "../scheduler/timers.ts";

/** What every feature is built on. */
export interface Base {
  configuration: Configuration;
  folder: DataFolder;
  log: Logger;
  clock: Clock;
  timers: Timers;
  traffic: Traffic;
  /** Where every layer tells how long its operations took. */
  probe: Probe;
  /** Answers of GraphQL queries; a verb that changes what a tag stands for invalidates it. */
  answers: Cache<string>;
  databases: { state: Database; samples: Database };
  incidents: Incidents;
  recovery: Recovery;
}
