import { defineConfig } from "drizzle-kit";

/** How `bun run migrations` finds the tables of the log database. */
export default defineConfig({
  dialect: "sqlite",
  schema: ["./schema/tables/logs.ts"],
  out: "./schema/migrations/logs",
});
