import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { PluginCallers } from "../support/plugin-callers.ts";
import { PluginServer, type PluginSource } from "../support/plugin-server.ts";
import { childrenOf } from "../support/processes.ts";
import { IS_FULL, sized } from "../support/sizes.ts";
import { until } from "../support/until.ts";

const CALLERS = 200;
const RELOADS = sized(10, 100);
/** Long enough that every switch has calls under way. */
const CALL_MS = 300;
const QUIET_RELOADS = sized(20, 1_000);
const KIB_PER_MIB = 1_024;
/** A process, a channel or a build that stayed behind would be more. */
const MAX_GROWTH_KIB_A_RELOAD = 64;
const MAX_AT_ONCE = 100;
const ID = "changing";
const CONTROLLERS = ["memory", "pids", "cpu"];
/** The kernel ends them with the server; a busy machine takes a moment to do it. */
const GONE_WITHIN_MS = 5_000;
const TIMEOUT_MS = sized(60_000, 600_000);

/** A plugin that answers its own number a while after it was called. */
const build = (number: number): PluginSource => ({
  manifest: { version: `1.0.${number}`, limits: { concurrency: MAX_AT_ONCE } },
  source: `export default { async execute() { await Bun.sleep(${CALL_MS}); return ${number}; } };`,
});

describe("hot reload", () => {
  test(
    "under 200 callers drops no call, and leaves no process behind",
    async () => {
      await using server = await PluginServer.start({ [ID]: build(0) });
      await server.execute(ID);
      const callers = new PluginCallers(server, ID, CALLERS);
      for (let number = 1; number <= RELOADS; number++) {
        server.write(ID, build(number));
        await server.events.until("plugin.reloaded", ID, number);
        expect((await server.execute(ID)).body.result).toBe(number);
      }
      await callers.stop();
      expect(callers.failed).toEqual([]);
      expect(callers.answered).toBeGreaterThan(RELOADS * MAX_AT_ONCE);
      await until(() => childrenOf(server.pid).length === 1);
    },
    TIMEOUT_MS,
  );

  test(
    "again and again leaves the server's memory flat",
    async () => {
      await using server = await PluginServer.start({ [ID]: build(0) });
      await server.activate(ID, "start");
      const rssMib: number[] = [];
      for (let reload = 0; reload < QUIET_RELOADS; reload++) {
        expect((await server.activate(ID, "reload")).status).toBe(200);
        rssMib.push(server.rssMib());
      }
      await until(() => childrenOf(server.pid).length === 1);
      // What the first ones warm up, and the waves of the collector, are no growth: only many show a slope.
      const growthKib = slopeOf(rssMib.slice(QUIET_RELOADS / 2)) * KIB_PER_MIB;
      if (IS_FULL) expect(growthKib).toBeLessThan(MAX_GROWTH_KIB_A_RELOAD);
    },
    TIMEOUT_MS,
  );

  test(
    "that a kill of the server interrupts leaves no process, and no cgroup beyond the next start",
    async () => {
      await using server = await PluginServer.start({ [ID]: build(0) });
      await server.execute(ID);
      const callers = new PluginCallers(server, ID, CALLERS);
      server.write(ID, build(1));
      await until(() => childrenOf(server.pid).length > 1);
      const killed = server.pid;
      const plugins = childrenOf(killed);
      await Promise.all([server.kill(), callers.stop().catch(() => undefined)]);
      await until(() => plugins.every((pid) => !existsSync(`/proc/${pid}`)), GONE_WITHIN_MS);
      await server.restart();
      // Plugins are looked for once the first requests are answered.
      while ((await server.execute(ID)).body.result !== 1);
      expect(cgroupsOf(killed)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

/** What the jails of that server have left where cgroups are made, as far as this machine shows it. */
function cgroupsOf(server: number): string[] {
  return CONTROLLERS.flatMap((controller) => {
    const folder = `/sys/fs/cgroup/${controller}`;
    return existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: "utf8" }) : [];
  }).filter((path) => path.includes(`binnacle-${server}-`));
}

/** Of a line through the values, by least squares: growth from one to the next. */
function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const covariance = values.reduce((sum, value, at) => sum + (at - middle) * (value - mean), 0);
  return covariance / values.reduce((sum, _, at) => sum + (at - middle) ** 2, 0);
}
