import { writeSync } from "node:fs";
import { SAMPLES_MIGRATIONS } from "../../../../schema/migrations/samples/index.ts";
import { Database } from "../../../../server/database/database.ts";
import { systemClock } from "../../../../server/lib/clock.ts";
import { silentLogger } from "../../../../server/logs/logger.ts";
import { DEFAULT_RETENTION } from "../../../../server/metrics/retention.ts";
import { defineSeries } from "../../../../server/metrics/series.ts";
import { SAMPLES_FILE, SampleStore } from "../../../../server/metrics/store.ts";

/**
 * Child process of crash.test.ts: writes ticks as fast as it can, with sealing, rolling up and trimming in between, on
 * a clock that runs ahead, and says on standard output which tick was acknowledged. It is killed at any moment.
 */
const SERIES = 80;
const STEP_MS = 120_000;
const [path = "", start = "0"] = process.argv.slice(2);

let now = Number(start);
const clock = { ...systemClock, now: () => now };
const database = Database.open({ path, migrations: SAMPLES_MIGRATIONS, ...SAMPLES_FILE });
const retention = { ...DEFAULT_RETENTION, days: { raw: 1, "1m": 2, "1h": 3 } };
const store = SampleStore.open({ database, clock, log: silentLogger, retention });
const definitions = Array.from({ length: SERIES }, (_, i) =>
  defineSeries("crash_total", { part: String(i) }, "count", "The number of the tick it belongs to."),
);

/** Written at once: what was said before the kill was said. */
const say = (line: string): unknown => writeSync(process.stdout.fd, `${line}\n`);

say("ready");
for (;;) {
  const value = now / STEP_MS;
  await store.append([{ at: now, measurements: definitions.map((series) => ({ series, value })) }]);
  say(String(now));
  now += STEP_MS;
  await store.maintain();
}
