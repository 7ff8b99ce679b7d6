import { expect, test } from "bun:test";
import { startApp } from "../../support/start-app.ts";

test("units of work, timers, reloads and commands of the owner are recorded beside requests", async () => {
  await using app = await startApp({ withJobs: true, files: { "binnacle.yaml": "log:\n  level: info\n" } });
  const { parts } = app;
  await parts.databases.state.write(async () => undefined);
  await expect(
    parts.databases.state.write(async () => {
      throw new Error("rolled back");
    }),
  ).rejects.toThrow();
  parts.reload?.reload();
  const delivered = Promise.withResolvers<void>();
  parts.outbox.register({
    kind: "test",
    deliver: async () => {
      delivered.resolve();
      return { outcome: "delivered" };
    },
  });
  await parts.databases.state.write((tx) =>
    parts.outbox.enqueue(tx, { kind: "test", target: "x", payload: 1 }),
  );
  await delivered.promise;
  await parts.probe.time("plugin", "hello", async () => "hello");
  await app.app.handle(new Request("http://localhost/api/v3/profiler/stats"));
  const found = await parts.profilerSystem?.profiler.statistics({ window: "1h", sort: "name", limit: 1_000 });
  const seen = new Map(found?.items.map((one) => [`${one.kind} ${one.name}`, one]));
  expect(seen.get("write state")?.errors).toBe(1);
  expect(seen.get("write state")?.sketch.count).toBeGreaterThan(1);
  expect(seen.get("config reload of files")?.sketch.count).toBe(1);
  expect(seen.get("delivery test")).toMatchObject({ errors: 0, sketch: { count: 1 } });
  expect(seen.get("plugin hello")?.sketch.count).toBe(1);
  expect(seen.get("control GET /api/v3/profiler/stats")?.sketch.count).toBe(1);
});
