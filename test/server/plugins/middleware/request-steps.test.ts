import { describe, expect, test } from "bun:test";
import type { PluginMiddleware } from "../../../../schema/plugin/manifest.ts";
import { AppError } from "../../../../server/errors/app-error.ts";
import { RequestSteps } from "../../../../server/plugins/middleware/request-steps.ts";
import { requestView } from "../../../../server/plugins/middleware/request-view.ts";
import { readVerdict } from "../../../../server/plugins/middleware/verdict.ts";
import { NOBODY, OWNER, type Principal } from "../../../../server/security/principal.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { settled } from "../channel/ends.ts";
import type { FakeProcess } from "../fake-process.ts";
import { fakePackage } from "../packages.ts";
import { runningUnit } from "../supervision/unit-scenario.ts";

const exchange = (path = "/api/v3/x", principal: Principal = NOBODY) => ({
  request: new Request(`http://localhost${path}`),
  path,
  correlationId: "c",
  principal,
});

async function step(
  middleware: Partial<PluginMiddleware>,
  answer: FakeProcess["answer"],
  { steps, clock, id }: { steps: RequestSteps; clock: ManualClock; id?: string },
) {
  const spec: PluginMiddleware = { failure: "open", ...middleware };
  const one = fakePackage({ id: id ?? "gate", type: "middleware", middleware: spec });
  const running = await runningUnit(
    one,
    (fake) => {
      fake.answer = answer;
    },
    clock,
  );
  steps.follow(running.unit, true);
  return running;
}

const scene = () => {
  const clock = new ManualClock();
  return { clock, steps: new RequestSteps(clock) };
};

describe("requests", () => {
  test("are refused in the plugin's own words, and carry the headers of those before", async () => {
    const at = scene();
    await step({ priority: 5 }, () => ({ refuse: { message: "no" } }), { ...at, id: "second" });
    await step({ priority: -5 }, () => ({ headers: { "X-First": "1" } }), { ...at, id: "first" });
    const request = exchange();
    expect(await at.steps.before(request)).toEqual({ pluginId: "second", status: 403, message: "no" });
    expect(at.steps.headersOf(request)).toEqual([["x-first", "1"]]);
  });

  test("of the owner and of probes, and of other paths, are not looked at", async () => {
    const at = scene();
    await step({ paths: ["/api/"] }, () => ({ refuse: {} }), at);
    expect(await at.steps.before(exchange("/api/v3/x", OWNER))).toBeUndefined();
    expect(await at.steps.before(exchange("/readyz"))).toBeUndefined();
    expect(await at.steps.before(exchange("/other"))).toBeUndefined();
    expect(await at.steps.before(exchange("/api/v3/x"))).toBeDefined();
  });

  test("go on past a plugin that fails or is late, when it says so; else they are a 503", async () => {
    const open = scene();
    await step(
      { failure: "open" },
      () => {
        throw new Error("no");
      },
      open,
    );
    expect(await open.steps.before(exchange())).toBeUndefined();
    const closed = scene();
    await step({ failure: "closed", timeBudgetMs: 50 }, () => new Promise(() => undefined), closed);
    const refused = closed.steps.before(exchange()).catch((error: unknown) => error);
    await closed.clock.advance(50);
    expect(await refused).toBeInstanceOf(AppError);
    expect(await refused).toMatchObject({ code: "plugin_unhealthy" });
  });

  test("do not pay for a plugin that fails on and on: it rests for a while", async () => {
    const at = scene();
    let asked = 0;
    await step(
      {},
      () => {
        asked++;
        throw new Error("no");
      },
      at,
    );
    for (let request = 0; request < 20; request++) await at.steps.before(exchange());
    expect(asked).toBe(5);
    for (const trial of [6, 7]) {
      await at.clock.advance(10_000);
      for (let request = 0; request < 20; request++) await at.steps.before(exchange());
      expect(asked).toBe(trial);
    }
  });

  test("but for one that asks whether it is better pay nothing after the rest; then it is trusted again", async () => {
    const at = scene();
    const asked: PromiseWithResolvers<unknown>[] = [];
    const answer = () => {
      const one = Promise.withResolvers<unknown>();
      asked.push(one);
      return one.promise;
    };
    await step({ timeBudgetMs: 50 }, answer, at);
    const late = Array.from({ length: 5 }, () => at.steps.before(exchange()));
    await at.clock.advance(50);
    expect(await Promise.all(late)).toEqual(Array(5).fill(undefined));
    for (const { resolve } of asked) resolve(null);
    await at.clock.advance(10_000);
    const trial = at.steps.before(exchange());
    expect(await at.steps.before(exchange())).toBeUndefined();
    expect(asked).toHaveLength(6);
    asked[5]?.resolve({ refuse: {} });
    expect(await trial).toMatchObject({ status: 403 });
    const next = [at.steps.before(exchange()), at.steps.before(exchange())];
    await settled();
    expect(asked).toHaveLength(8);
    for (const { resolve } of asked) resolve(null);
    await Promise.all(next);
  });

  test("meet no plugin that is not granted, paused or gone", async () => {
    const at = scene();
    const { unit } = await step({}, () => ({ refuse: {} }), at);
    expect(at.steps.isEmpty).toBe(false);
    at.steps.follow(unit, false);
    expect(at.steps.isEmpty).toBe(true);
  });
});

test("a plugin sees no credential, whatever its name", () => {
  const headers = new Headers({
    cookie: "binnacle=1",
    authorization: "Bearer x",
    "proxy-authorization": "Basic x",
    "x-binnacle-csrf": "1",
    "x-api-key": "k",
    "x-session-id": "s",
    "x-gitlab-token": "t",
    "sec-websocket-protocol": "bearer.x",
    accept: "text/html",
  });
  expect(requestView("GET", "/p", headers)).toEqual({
    method: "GET",
    path: "/p",
    headers: { accept: "text/html" },
  });
});

test("headers of the house, of the protocol, and what would break a line are not a plugin's to set", () => {
  const verdict = readVerdict({
    headers: {
      "x-own": "fine",
      "set-cookie": "a=b",
      "content-security-policy": "none",
      "x-frame-options": "ALLOW",
      "x-correlation-id": "1",
      "x-broken": "a\r\nset-cookie: a=b",
      location: "https://example.com",
    },
  });
  expect(verdict.headers).toEqual([["x-own", "fine"]]);
  expect(() => readVerdict("yes")).toThrow("not { refuse?, headers? }");
  expect(() => readVerdict({ refuse: { status: 200 } })).toThrow(AppError);
  expect(readVerdict(null)).toEqual({ refusal: undefined, headers: [] });
});
