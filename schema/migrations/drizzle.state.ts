import { defineConfig } from "drizzle-kit";

/** How `bun run migrations` finds the tables of the state database. */
export default defineConfig({
  dialect: "sqlite",
  schema: [
    "./schema/tables/users.ts",
    "./schema/tables/sessions.ts",
    "./schema/tables/tokens.ts",
    "./schema/tables/roles.ts",
    "./schema/tables/identities.ts",
    "./schema/tables/password-resets.ts",
    "./schema/tables/setup.ts",
    "./schema/tables/audit.ts",
    "./schema/tables/secrets.ts",
    "./schema/tables/events.ts",
    "./schema/tables/outbox.ts",
    "./schema/tables/settings.ts",
    "./schema/tables/incidents.ts",
    "./schema/tables/plugins.ts",
    "./schema/tables/alerts.ts",
  ],
  out: "./schema/migrations/state",
});
