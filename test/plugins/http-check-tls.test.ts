import { expect, test } from "bun:test";
import { systemClock } from "../../server/lib/clock.ts";
import { answer, certificateFor, httpServer, TableResolver } from "../server/outbound/local-servers.ts";
import { BrokerHouse } from "../server/plugins/broker/broker-house.ts";
import { jailedBundled } from "./jailed-bundled.ts";

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
  try {
    const [first, second] = servers.map(({ port }) => port);
    const config = { urls: [`https://soon.test:${first}/`, `https://late.test:${second}/`] };
    await using plugin = await jailedBundled(house, "http-check", config);
    const metrics = (await plugin.ask("collect", { metrics: {} })) as { name: string; value: number }[];
    expect(metrics.filter(({ name }) => name === "certificate_days").map(({ value }) => value)).toEqual([
      3,
      expect.closeTo(364, -1),
    ]);
    expect(await plugin.health()).toMatchObject({
      status: "degraded",
      message: expect.stringContaining("its certificate ends in 3 days"),
      dependencies: [{ status: "degraded" }, { status: "healthy" }],
    });
  } finally {
    for (const server of servers) await server.close();
  }
});
