import { type Migration, migrationsFrom } from "../migration.ts";
import profiler from "./0000_profiler.sql" with { type: "text" };
import spanEvents from "./0001_span_events.sql" with { type: "text" };
import journal from "./meta/_journal.json";

/** The steps of the profiler database, embedded in the binary; a newly generated file is listed here. */
export const PROFILER_MIGRATIONS: readonly Migration[] = migrationsFrom(journal, {
  "0000_profiler": profiler,
  "0001_span_events": spanEvents,
});
