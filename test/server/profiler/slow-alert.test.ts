import { expect, test } from "bun:test";
import { startApp } from "../../support/start-app.ts";

const MINUTE_MS = 60_000;

/** As docs/profiler.md says it. */
const RULE = {
  name: "Slow operation",
  alertType: "slow_operation",
  severity: "MEDIUM",
  condition: { kind: "event", pattern: "operation.slow", by: ["service", "operation"] },
};

test(
  "a rule over operation.slow raises one alert an operation",
  async () => {
    await using app = await startApp({ withJobs: true, settings: { "profiler.slowMs": 60_000 } });
    const client = await app.token(["alerts:write", "profiler:write"]);
    expect((await client.send("POST", "/api/v3/alert-rules", RULE)).status).toBe(201);
    const raised = Promise.withResolvers<void>();
    const types: unknown[] = [];
    app.parts.events.subscribe(
      "alert.raised",
      ({ payload }) => {
        types.push(payload);
        if (types.length === 2) raised.resolve();
      },
      { name: "listener" },
    );
    const run = (operation: string) => ({ operation, service: "shop", duration: 90 });
    const operations = [run("export"), run("export"), run("import")];
    await client.send("POST", "/api/v3/operations", { operations });
    await raised.promise;
    const answer = await client.get("/api/v3/alerts/recent?type=slow_operation");
    expect(answer.status).toBe(200);
    const { items } = (await answer.json()) as {
      items: { labels: Record<string, string>; severity: string }[];
    };
    expect(
      items.map(({ labels, severity }) => [labels.service, labels.operation, severity]).toSorted(),
    ).toEqual([
      ["shop", "export", "MEDIUM"],
      ["shop", "import", "MEDIUM"],
    ]);
  },
  MINUTE_MS,
);
