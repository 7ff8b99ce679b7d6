import { describe, expect, test } from "bun:test";
import { AppError } from "../../../server/errors/app-error.ts";
import { Recovery } from "../../../server/incidents/recovery.ts";
import { openingCircuit } from "../../../server/incidents/strategies.ts";
import { systemClock } from "../../../server/lib/clock.ts";
import { Outbound } from "../../../server/outbound/outbound.ts";
import { type RunningApp, startApp, type TestClient } from "../../support/start-app.ts";
import { answer, httpServer, loopback, outcomeOf, rawServer } from "../outbound/local-servers.ts";

const PATIENCE = { retries: 0, firstDelayMs: 1, longestDelayMs: 1 };

interface Strategy {
  name: string;
  attempts: number;
  successes: number;
  byCode: { code: string }[];
}

async function figuresOf(app: RunningApp, reader: TestClient, strategy: string): Promise<Strategy> {
  await app.parts.incidents.flush();
  const { items } = (await (await reader.get("/api/v3/errors/strategies")).json()) as { items: Strategy[] };
  const found = items.find(({ name }) => name === strategy);
  if (!found) throw new Error(`There is no strategy ${strategy}.`);
  return found;
}

/** Runs a timer of that name once, which fails; the reasons of the escalations that follow. */
async function failOnce(app: RunningApp, name: string, error: Error): Promise<unknown[]> {
  const { timers, events, incidents } = app.parts;
  const since = events.status().ring.newestSeq;
  const ran = Promise.withResolvers<void>();
  const end = timers.every(
    name,
    60_000,
    async () => {
      ran.resolve();
      throw error;
    },
    0,
  );
  await ran.promise;
  end();
  // A second timer of the name waits for the run of the first, with whatever was tried after its failure.
  const settled = Promise.withResolvers<void>();
  timers.every(name, 60_000, () => settled.resolve(), 0);
  await settled.promise;
  await incidents.flush();
  const { items } = await events.list({ types: ["error.escalated"], limit: 10, since });
  return items.map(({ payload }) => payload);
}

describe("timers", () => {
  const VITAL = ["audit.care", "events.ring", "metrics.maintain", "outbox.sweep"];

  test("those whose failure nobody would see escalate at once; the others do not", async () => {
    await using app = await startApp({ settings: { "errors.escalation.firstInternal": false } });
    const reader = await app.token(["errors:read"]);
    for (const name of VITAL) {
      const [told] = await failOnce(app, name, new Error(`${name} is broken`));
      expect(told).toMatchObject({ code: "internal", count: 1, reason: "urgent" });
    }
    expect(await failOnce(app, "metrics.other", new Error("other is broken"))).toEqual([]);
    expect(await figuresOf(app, reader, "escalate")).toMatchObject({ attempts: 4, successes: 4 });
  });

  test("the vital ones are those that run", async () => {
    await using app = await startApp({ withJobs: true });
    const names = app.parts.timers.list().map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(VITAL));
  });

  test("what may pass by itself is tried again, and counted", async () => {
    await using app = await startApp();
    const reader = await app.token(["errors:read"]);
    await failOnce(app, "metrics.other", new AppError("timed_out"));
    expect(await figuresOf(app, reader, "retry")).toMatchObject({
      attempts: 1,
      successes: 0,
      byCode: [{ code: "timed_out" }],
    });
  });
});

describe("circuits of what leaves", () => {
  test("a sign-in provider that does not answer is left alone after five failures, and the error centre counts it", async () => {
    const silent = await rawServer((socket) => socket.destroy());
    const provider = {
      issuer: `http://127.0.0.1:${silent.port}`,
      clientId: "binnacle",
      allow: ["127.0.0.1"],
    };
    await using app = await startApp({ settings: { "signIn.providers": [{ id: "far", ...provider }] } });
    const reader = await app.token(["errors:read"]);
    for (let attempt = 0; attempt < 8; attempt++) {
      const { status, headers } = await app.guest().get("/api/v3/sign-in/far");
      expect([status, headers.get("location")]).toEqual([303, expect.stringContaining("provider_failed")]);
    }
    silent.close();
    expect(silent.connections()).toBe(5);
    expect(await figuresOf(app, reader, "open_circuit")).toMatchObject({
      attempts: 1,
      successes: 0,
      byCode: [{ code: "circuit_open" }],
    });
  });

  test("each name has one of its own; one that works again after its rest closes", async () => {
    const counted: string[] = [];
    const count = (strategy: string, code: string, hasSucceeded: boolean): void => {
      counted.push(`${strategy} ${code} ${hasSucceeded}`);
    };
    const recovery = new Recovery({ report: () => undefined, count });
    const limits = { restarts: 0, restartWindowMs: 0, circuitFailures: 2, circuitRestMs: 0 };
    recovery.register(openingCircuit({ ...PATIENCE, ...limits }, count));
    const outbound = new Outbound({
      clock: systemClock,
      throughCircuit: recovery.throughCircuit.bind(recovery),
    });
    const server = await httpServer({ "*": answer("here") });
    const fetch = (port: number, circuit: string) =>
      outcomeOf(outbound.fetch({ url: `http://127.0.0.1:${port}/`, circuit }, loopback()));
    for (let attempt = 0; attempt < 2; attempt++) await fetch(1, "far");
    expect(counted).toEqual(["open_circuit circuit_open false"]);
    await fetch(server.port, "near");
    expect(counted).toHaveLength(1);
    await fetch(server.port, "far");
    expect(counted.slice(1)).toEqual(["open_circuit circuit_open true"]);
    server.close();
  });
});
