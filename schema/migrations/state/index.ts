import { type Migration, migrationsFrom } from "../migration.ts";
import access from "./0000_access.sql" with { type: "text" };
import auditAppendOnly from "./0001_audit-append-only.sql" with { type: "text" };
import eventsAndOutbox from "./0002_events-and-outbox.sql" with { type: "text" };
import settings from "./0003_settings.sql" with { type: "text" };
import secretsAndCheckpoints from "./0004_secrets-and-checkpoints.sql" with { type: "text" };
import rolesAndSignIn from "./0005_roles-and-sign-in.sql" with { type: "text" };
import errorCentre from "./0006_error-centre.sql" with { type: "text" };
import plugins from "./0007_plugins.sql" with { type: "text" };
import alerts from "./0008_alerts.sql" with { type: "text" };
import alertMessages from "./0009_alert-messages.sql" with { type: "text" };
import eventCorrelation from "./0010_event-correlation.sql" with { type: "text" };
import journal from "./meta/_journal.json";

/** The steps of the state database, embedded in the binary; a newly generated file is listed here. */
export const STATE_MIGRATIONS: readonly Migration[] = migrationsFrom(journal, {
  "0000_access": access,
  "0001_audit-append-only": auditAppendOnly,
  "0002_events-and-outbox": eventsAndOutbox,
  "0003_settings": settings,
  "0004_secrets-and-checkpoints": secretsAndCheckpoints,
  "0005_roles-and-sign-in": rolesAndSignIn,
  "0006_error-centre": errorCentre,
  "0007_plugins": plugins,
  "0008_alerts": alerts,
  "0009_alert-messages": alertMessages,
  "0010_event-correlation": eventCorrelation,
});
