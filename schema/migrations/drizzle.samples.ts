import { defineConfig } from "drizzle-kit";

/** How `bun run migrations` finds the tables of the samples database. */
export default defineConfig({
  dialect: "sqlite",
  schema: ["./schema/tables/metrics.ts"],
  out: "./schema/migrations/samples",
});
