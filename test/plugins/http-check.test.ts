import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { PluginContext, TlsPeer } from "binnacle";
import httpCheck from "../../plugins/http-check/index.ts";
import { contextFor } from "./plugin-context.ts";

let server: ReturnType<typeof Bun.serve>;
const release = Promise.withResolvers<void>();

beforeAll(() => {
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/hangs") await release.promise;
      if (pathname === "/moved") return Response.redirect("http://elsewhere.example/", 302);
      if (pathname === "/broken") return new Response("no", { status: 500 });
      return new Response("all systems well");
    },
  });
});
afterAll(async () => {
  release.resolve();
  await server.stop(true);
});

const at = (path: string): string => `http://127.0.0.1:${server.port}${path}`;

/** As the broker does: the time limit is kept outside of the plugin. */
const limited: PluginContext["fetch"] = (input, init = {}) =>
  fetch(input, { ...init, signal: AbortSignal.timeout(init.timeoutMs ?? 1_000) });

const contextWith = (config: Record<string, unknown>) =>
  contextFor<never>({ config: { ...config }, fetch: limited });

describe("http-check", () => {
  test("tells what is up, what is down and why", async () => {
    const urls = [at("/"), at("/broken"), at("/moved"), at("/hangs"), "http://127.0.0.1:1/"];
    const ctx = contextWith({ urls, timeoutMs: 100, maxLatencyMs: 5_000 });
    const found = (await httpCheck.execute?.(undefined, ctx)) as {
      url: string;
      outcome: string;
      status: number | null;
      problem: string;
    }[];
    expect(found.map(({ outcome, status }) => [outcome, status])).toEqual([
      ["up", 200],
      ["down", 500],
      ["down", 302],
      ["down", null],
      ["down", null],
    ]);
    expect(found[1]?.problem).toBe("answered with the status 500");
    expect(found.map(({ url }) => url)).toEqual(urls);
    expect(ctx.recorded.logged[0]).toBe(`info: ${at("/")} is up`);
    expect(await httpCheck.execute?.({ show: "last" }, ctx)).toEqual(found);
  });

  test("counts the days until a certificate ends, and complains in time", async () => {
    const endsIn = new Map([
      [at("/"), 40.5],
      [at("/soon"), 1.5],
      [at("/today"), 0.5],
    ]);
    const secured: PluginContext["fetch"] = async (input, init) =>
      Object.assign(await limited(input, init), {
        tls: { validTo: Date.now() + (endsIn.get(String(input)) ?? 0) * 86_400_000 } as TlsPeer,
      });
    const config = { urls: [...endsIn.keys()], minCertificateDays: 7 };
    const ctx = contextFor<never>({ config, fetch: secured });
    const metrics = await httpCheck.collect({ metrics: {} }, ctx);
    expect(
      Array.isArray(metrics) &&
        metrics.filter(({ name }) => name === "certificate_days").map(({ value }) => value),
    ).toEqual([40, 1, 0]);
    expect(await httpCheck.execute?.({ show: "last" }, ctx)).toMatchObject([
      { outcome: "up", certificateDays: 40, problem: "" },
      { outcome: "expiring", certificateDays: 1, problem: "its certificate ends in 1 day" },
      { outcome: "expiring", certificateDays: 0, problem: "its certificate ends in 0 days" },
    ]);
    expect(await httpCheck.health?.(ctx)).toMatchObject({
      status: "degraded",
      message: `3 of 3 addresses answer well; ${at("/soon")}: its certificate ends in 1 day; ${at("/today")}: its certificate ends in 0 days`,
      dependencies: [{ status: "healthy" }, { status: "degraded" }, { status: "degraded" }],
    });
  });

  test("measures each address, and its health depends on them", async () => {
    const ctx = contextWith({ urls: [at("/"), at("/broken")] });
    expect(await httpCheck.health?.(ctx)).toMatchObject({
      status: "healthy",
      message: "no address was asked yet",
    });
    const metrics = await httpCheck.collect({ metrics: {} }, ctx);
    expect(metrics).toMatchObject([
      { name: "up", value: 1, labels: { url: at("/") } },
      { name: "latency", unit: "seconds" },
      { name: "up", value: 0, labels: { url: at("/broken") } },
      { name: "latency" },
    ]);
    expect(await httpCheck.health?.(ctx)).toMatchObject({
      status: "degraded",
      message: "1 of 2 addresses answer well",
      dependencies: [
        { name: at("/"), status: "healthy" },
        { name: at("/broken"), status: "unhealthy" },
      ],
    });
  });

  test("is not unhealthy itself when every address is down, so that it sees them come back", async () => {
    const ctx = contextWith({ urls: [at("/broken")] });
    await httpCheck.collect({ metrics: {} }, ctx);
    expect(await httpCheck.health?.(ctx)).toMatchObject({
      status: "degraded",
      message: "0 of 1 addresses answer well",
    });
  });

  test("looks for words, and takes other demands of single addresses", async () => {
    const ctx = contextWith({
      urls: [at("/"), at("/a"), at("/broken")],
      keyword: "systems well",
      overrides: { [at("/a")]: { keyword: "absent" }, [at("/broken")]: { status: [500], keyword: "" } },
    });
    const found = (await httpCheck.execute?.(undefined, ctx)) as { outcome: string; problem: string }[];
    expect(found.map(({ outcome, problem }) => [outcome, problem])).toEqual([
      ["up", ""],
      ["down", 'does not hold "absent"'],
      ["up", ""],
    ]);
    const slow = contextWith({ urls: [at("/")], maxLatencyMs: -1 });
    expect(await httpCheck.execute?.(undefined, slow)).toMatchObject([
      { outcome: "slow", problem: "took longer than -1 ms" },
    ]);
  });
});
