import type { Connection, Database } from "../../../server/database/database.ts";
import { systemClock } from "../../../server/lib/clock.ts";
import { silentLogger } from "../../../server/logs/logger.ts";
import { Outbox } from "../../../server/outbox/outbox.ts";
import { newEvents, openState } from "../events/bus.ts";

/**
 * An outbox in a process of its own that ends itself by SIGKILL at the point it is told: `send:before`, `send:after`,
 * or `write:N:before|within|after` for its N-th unit of work. It posts to a real receiver and ends when nothing waits.
 */
const [path = "", receiver = "", crashAt = "", enqueueText = "0"] = process.argv.slice(2);

const crash = (point: string): void => {
  if (point === crashAt) process.kill(process.pid, "SIGKILL");
};

const database = openState(path);
const write = database.write.bind(database);
let writes = 0;
const crashingWrite: Database["write"] = async (work) => {
  const number = ++writes;
  crash(`write:${number}:before`);
  const result = await write(async (tx: Connection) => {
    const inner = await work(tx);
    crash(`write:${number}:within`);
    return inner;
  });
  crash(`write:${number}:after`);
  return result;
};
database.write = crashingWrite;

const events = newEvents(database, systemClock);
await events.start();
const outbox = new Outbox({ database, events, clock: systemClock, log: silentLogger });
outbox.register({
  kind: "post",
  options: { backoff: { baseMs: 1, capMs: 5 } },
  async deliver({ idempotencyKey, payload }) {
    crash("send:before");
    const answer = await fetch(receiver, {
      method: "POST",
      headers: { "idempotency-key": idempotencyKey },
      body: JSON.stringify(payload),
    });
    crash("send:after");
    return answer.ok ? { outcome: "delivered" } : { outcome: "retry", reason: String(answer.status) };
  },
});
for (let index = 0; index < Number(enqueueText); index++) {
  await database.write((tx) =>
    outbox.enqueue(tx, { kind: "post", target: "t", payload: index, dedupeKey: `k${index}` }),
  );
}
await outbox.start();
setInterval(async () => {
  const [open] = outbox.listTargets();
  if (open) return;
  await outbox.stop(1_000);
  process.stdout.write(`writes ${writes}\n`);
  process.exit(0);
}, 2);
