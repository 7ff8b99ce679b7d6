import { FLUSH_INTERVAL_MS } from "../../../server/incidents/jobs.ts";
import { systemClock } from "../../../server/lib/clock.ts";
import { newIncidents, openState } from "./error-centre.ts";

/** Fails without end in a process of its own, to be killed; says how many failures are on disk after each write. */
const [path = ""] = process.argv.slice(2);
const ACCELERATED = 100;
const incidents = newIncidents(openState(path), systemClock);
let recorded = 0;
setInterval(() => {
  for (let round = 0; round < 10; round++) {
    recorded++;
    incidents.record(new Error(`row ${recorded}`), { where: "child" });
  }
}, 1);
setInterval(async () => {
  const before = recorded;
  await incidents.flush();
  process.stdout.write(`${before}\n`);
}, FLUSH_INTERVAL_MS / ACCELERATED);
