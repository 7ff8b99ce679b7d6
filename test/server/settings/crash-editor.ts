import { STATE_MIGRATIONS } from "../../../schema/migrations/state/index.ts";
import { Configuration } from "../../../server/config/configuration.ts";
import { Database } from "../../../server/database/database.ts";
import { systemClock } from "../../../server/lib/clock.ts";
import { silentLogger } from "../../../server/logs/logger.ts";
import { Audit } from "../../../server/security/audit.ts";
import { AuditStore } from "../../../server/security/audit-store.ts";
import { ConfigurationEditor } from "../../../server/settings/configuration-editor.ts";
import { HistoryStore } from "../../../server/settings/history-store.ts";
import { ConfigurationJournal } from "../../../server/settings/journal.ts";
import { BY_OWNER } from "./settings-house.ts";

/** Changes settings of the state database of the command line, one after another, and says each revision once saved. */
const [path = ""] = process.argv.slice(2);
const database = Database.open({ path, migrations: STATE_MIGRATIONS, synchronous: "FULL" });
const configuration = new Configuration([]);
const clock = systemClock;
const audit = new Audit(database, new AuditStore(database), clock, new Uint8Array(32).fill(7));
const journal = new ConfigurationJournal({
  configuration,
  clock,
  log: silentLogger,
  events: { publish() {} },
});
const history = new HistoryStore(database);
const editor = new ConfigurationEditor({ configuration, database, history, audit, journal, clock });

console.log("ready");
for (;;) {
  const next = (await editor.revision()) + 1;
  const set = { "metrics.rawDays": (next % 3_000) + 1, "metrics.minuteDays": (next % 3_000) + 1 };
  const { revision } = await editor.change({ set }, {}, BY_OWNER);
  console.log(revision);
}
