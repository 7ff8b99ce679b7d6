import { expect, test } from "bun:test";
import { join } from "node:path";
import { readPlugin } from "../../server/cli/plugin/read-plugin.ts";
import { systemClock } from "../../server/lib/clock.ts";
import { resolveGrants } from "../../server/plugins/broker/grants.ts";
import { openBrokerSession } from "../../server/plugins/broker/session.ts";
import { launchJail } from "../../server/plugins/jail/launch.ts";
import { createStartPlugin } from "../../server/plugins/process/start-plugin.ts";
import { answer, certificateFor, httpServer, TableResolver } from "../server/outbound/local-servers.ts";
import { BrokerHouse } from "../server/plugins/broker/broker-house.ts";

const FOLDER = join(import.meta.dirname, "../../plugins/http-check");
const LIMITS = {
  timeoutMs: 20_000,
  memoryBytes: 256 * 1_024 * 1_024,
  concurrency: 5,
  outputBytes: 1_000_000,
};
const DAY_MS = 86_400_000;

test("http-check, in its sandbox, tells of a real server whose certificate ends soon", async () => {
  const [soon, late] = await Promise.all([
    certificateFor("soon.test", new Date(Date.now() + 3.5 * DAY_MS)),
    certificateFor("late.test"),
  ]);
  await using house = await BrokerHouse.open({
    resolver: new TableResolver({ "soon.test": ["127.0.0.1"], "late.test": ["127.0.0.1"] }),
    tls: { ca: `${soon.cert}\n${late.cert}` },
    clock: systemClock,
  });
  const servers = [
    await httpServer({ "*": answer("ok") }, soon),
    await httpServer({ "*": answer("ok") }, late),
  ];
  const [first, second] = servers.map(({ port }) => port);
  const config = { urls: [`https://soon.test:${first}/`, `https://late.test:${second}/`] };
  const { manifest, files, permissions } = await readPlugin(FOLDER);
  const { id, version, main } = manifest;
  const start = createStartPlugin({
    clock: systemClock,
    launchJail,
    isSandboxRequired: () => false,
    openBroker: () =>
      openBrokerSession(
        {
          pluginId: id,
          grants: resolveGrants(permissions, config),
          dependencies: [],
          configuration: { read: () => config, write: async () => undefined },
          lockedConfigPaths: [],
        },
        house.parts,
      ),
  });
  const program = { id, version, main, files, config, allowedImports: ["*"] };
  const plugin = await start(program, LIMITS, new AbortController().signal);
  try {
    const call = { correlationId: "test", caller: "test" };
    const metrics = (await plugin.invoke("collect", { metrics: {} }, call)) as {
      name: string;
      value: number;
    }[];
    expect(metrics.filter(({ name }) => name === "certificate_days").map(({ value }) => value)).toEqual([
      3,
      expect.closeTo(364, -1),
    ]);
    expect(await plugin.health(5_000)).toMatchObject({
      status: "degraded",
      message: expect.stringContaining("its certificate ends in 3 days"),
      dependencies: [{ status: "degraded" }, { status: "healthy" }],
    });
  } finally {
    plugin.kill("the test is over");
    await plugin.exited;
    for (const server of servers) await server.close();
  }
});
