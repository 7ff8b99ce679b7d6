import { type Migration, migrationsFrom } from "../migration.ts";
import logs from "./0000_logs.sql" with { type: "text" };
import fullTextIndex from "./0001_full-text-index.sql" with { type: "text" };
import columns from "./0002_columns.sql" with { type: "text" };
import senders from "./0003_senders.sql" with { type: "text" };
import journal from "./meta/_journal.json";

/** The steps of the log database, embedded in the binary; a newly generated file is listed here. */
export const LOGS_MIGRATIONS: readonly Migration[] = migrationsFrom(journal, {
  "0000_logs": logs,
  "0001_full-text-index": fullTextIndex,
  "0002_columns": columns,
  "0003_senders": senders,
});
