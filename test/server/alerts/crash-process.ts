import type { Connection, Database } from "../../../server/database/database.ts";
import { systemClock } from "../../../server/lib/clock.ts";
import { openState } from "../events/bus.ts";
import { joinAlerts } from "./alert-house.ts";

/**
 * Alerts in a process of their own that ends itself by SIGKILL at the point it is told: `send:before`, `send:after`, or
 * `write:N:within|after` for its N-th unit of work. It raises two alerts and ends when everybody knows.
 */
const [path = "", receiver = "", crashAt = ""] = process.argv.slice(2);

const crash = (point: string): void => {
  if (point === crashAt) process.kill(process.pid, "SIGKILL");
};

const database = openState(path);
const write = database.write.bind(database);
let writes = 0;
const crashingWrite: Database["write"] = async (work) => {
  const number = ++writes;
  const result = await write(async (tx: Connection) => {
    const inner = await work(tx);
    crash(`write:${number}:within`);
    return inner;
  });
  crash(`write:${number}:after`);
  return result;
};
database.write = crashingWrite;

const { alerts, outbox, notifier } = await joinAlerts(database, systemClock, async (_plugin, alert) => {
  crash("send:before");
  await fetch(receiver, { method: "POST", body: JSON.stringify(alert) });
  crash("send:after");
});
for (const message of ["first", "second"]) {
  await alerts.raise({ type: "t", severity: "HIGH", source: "caller", message }, "test");
}
const settled = async (): Promise<void> => {
  while (outbox.listTargets().some(({ waiting }) => waiting > 0)) {
    await new Promise((resolve) => setImmediate(resolve));
  }
};
await outbox.start();
await settled();
await notifier.tick();
await settled();
await outbox.stop(1_000);
process.stdout.write(`writes ${writes}\n`);
process.exit(0);
