import { expect, test } from "bun:test";
import { MetricWatch } from "../../../server/alerts/rules/metric-watch.ts";
import { defineSeries } from "../../../server/metrics/series.ts";
import { CALLER, openAlertHouse } from "./alert-house.ts";

const disk = (mount: string) => ({
  series: defineSeries("disk_used_percent", { mount }, "percent", "Disk."),
  value: 95,
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("what turns while the disk is slow is written with the rest, not with the next sampling", async () => {
  await using house = await openAlertHouse();
  const condition = {
    ...{ kind: "threshold", series: { name: "disk_used_percent" }, direction: "above", value: 90 },
  };
  const { id } = await house.definitions.create(
    "rule",
    { name: "full", alertType: "full", severity: "HIGH", condition },
    CALLER,
  );
  const [begun, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const watch = new MetricWatch({
    ...house,
    alerts: {
      raise: async (...args) => {
        begun.resolve();
        await released.promise;
        return house.alerts.raise(...args);
      },
      resolveByFingerprint: (...args) => house.alerts.resolveByFingerprint(...args),
    },
    samples: { subscribe: () => () => undefined },
    report: (thrown) => {
      throw thrown;
    },
  });
  await watch.start();
  watch.take({ at: 1_000, measurements: [disk("/")] });
  await begun.promise;
  await turn();
  watch.take({ at: 2_000, measurements: [disk("/"), disk("/var")] });
  while (watch.coverageOf(id)?.followed !== 2) await turn();
  released.resolve();
  await watch.stop();
  const { items } = await house.alerts.list({ limit: 5 });
  expect(
    items
      .filter(({ ruleId }) => ruleId === id)
      .map(({ labels }) => labels.mount)
      .sort(),
  ).toEqual(["/", "/var"]);
});
