import { LOGS_MIGRATIONS } from "../../../schema/migrations/logs/index.ts";
import { Database } from "../../../server/database/database.ts";
import { systemClock } from "../../../server/lib/clock.ts";
import { silentLogger } from "../../../server/logs/logger.ts";
import { LOGS_FILE, LogStore } from "../../../server/logs/store.ts";
import { FileWatcher } from "../../../server/logs/watch/file-watcher.ts";

/**
 * Child process of crash.test.ts: appends numbered lines as fast as it can, and takes those of a file in between; says
 * on standard output which number was acknowledged. It is killed at any moment.
 */
const BATCH = 300;
const [path = "", watched = "", first = "0"] = process.argv.slice(2);

const database = Database.open({ path, migrations: LOGS_MIGRATIONS, ...LOGS_FILE });
const store = LogStore.open({ database, clock: systemClock, log: silentLogger });
const watcher = new FileWatcher({ clock: systemClock, log: silentLogger, store });
watcher.configure([{ path: watched, source: "file", format: "plain", startAt: "start", joinTraces: true }]);

for (let next = Number(first); ; next += BATCH) {
  const lines = Array.from({ length: BATCH }, (_, n) => ({
    at: next + n,
    level: "info" as const,
    source: "sent",
    message: `line ${next + n}`,
  }));
  await store.append(lines);
  process.stdout.write(`${next + BATCH - 1}\n`);
  await watcher.pass();
}
