import { type Migration, migrationsFrom } from "../migration.ts";
import samples from "./0000_samples.sql" with { type: "text" };
import journal from "./meta/_journal.json";

/** The steps of the samples database, embedded in the binary; a newly generated file is listed here. */
export const SAMPLES_MIGRATIONS: readonly Migration[] = migrationsFrom(journal, { "0000_samples": samples });
