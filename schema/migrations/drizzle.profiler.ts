import { defineConfig } from "drizzle-kit";

/** How `bun run migrations` finds the tables of the profiler database. */
export default defineConfig({
  dialect: "sqlite",
  schema: ["./schema/tables/profiler.ts"],
  out: "./schema/migrations/profiler",
});
