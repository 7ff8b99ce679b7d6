import { systemClock } from "../../../server/lib/clock.ts";
import { newEvents, openState } from "./bus.ts";

/**
 * A durable subscriber in a process of its own, to be killed: it fails now and then and writes each event it has
 * handled as a line, which stands before it is acknowledged.
 */
const [path = "", failEvery = "7"] = process.argv.slice(2);
const events = newEvents(openState(path), systemClock);
let calls = 0;
await events.subscribeDurably(
  "a.*",
  async ({ seq, source }) => {
    calls++;
    if (calls % Number(failEvery) === 0) throw new Error("now and then");
    process.stdout.write(`${source} ${seq}\n`);
  },
  { name: "child", from: "oldest", backoff: { baseMs: 5, capMs: 20 }, maxAttempts: 100 },
);
await events.start();
setInterval(() => {
  const [state] = events.status().durable;
  if (state?.lag === 0 && state.backlog.length === 0) {
    void events.stop().then(() => process.exit(0));
  }
}, 20);
