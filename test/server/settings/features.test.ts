import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { TempFolder } from "../../support/temp-folder.ts";

interface Footprint {
  modules: string[];
  routes: string[];
  sockets: string[];
  timers: string[];
}

const LOADER = join(import.meta.dirname, "footprint.ts");

/** What a server of its own process has evaluated, mounted and scheduled with these switches. */
async function footprint(features: Record<string, unknown>): Promise<Footprint> {
  using folder = new TempFolder();
  const child = Bun.spawn(["bun", LOADER, folder.file("data"), JSON.stringify(features)], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const text = await new Response(child.stdout).text();
  expect(await child.exited).toBe(0);
  return JSON.parse(text) as Footprint;
}

const GRAPHQL_MODULE =
  /node_modules\/(@pothos|graphql|graphql-jit|graphql-ws|graphql-yoga|@graphql-yoga)\/|\/graphql\.ts$|server\/graph\.ts|http\/graphql\/(?!path)/;
const PLUGIN_MODULE = /server\/(plugins|compose\/plugins)\/|server\/compose\/plugins\.ts/;
const LIVE_MODULE = /server\/metrics\/(live\/(?!client-message)|live\.ts|socket\.ts)/;

describe("a feature that is off", () => {
  test("has no module evaluated, no route, no socket and no timer; one that is on has", async () => {
    const on = await footprint({});
    expect(on.modules.filter((path) => GRAPHQL_MODULE.test(path)).length).toBeGreaterThan(10);
    expect(on.modules.some((path) => LIVE_MODULE.test(path))).toBe(true);
    expect(on.modules.filter((path) => PLUGIN_MODULE.test(path)).length).toBeGreaterThan(50);
    expect(on.routes).toContain("/api/v3/plugins/list");
    expect(on.routes).toContain("/graphql");
    expect(on.routes.some((path) => path.includes("/cache"))).toBe(true);
    expect(on.sockets).toContain("/api/v3/ws/live-metrics");

    const off = await footprint({ "features.default": "off" });
    expect(off.modules.filter((path) => GRAPHQL_MODULE.test(path))).toEqual([]);
    expect(off.routes).not.toContain("/graphql");
    expect(off.routes.filter((path) => path.includes("/cache"))).toEqual([]);
    expect(off.modules.filter((path) => path.endsWith("server/cache/rest.ts"))).toEqual([]);
    expect(off.sockets).not.toContain("/graphql");
    expect(off.sockets).not.toContain("/api/v3/ws/live-metrics");
    expect(off.modules.filter((path) => LIVE_MODULE.test(path))).toEqual([]);
    expect(off.modules.filter((path) => PLUGIN_MODULE.test(path))).toEqual([]);
    expect(off.routes.filter((path) => path.includes("plugins"))).toEqual([]);
    expect(off.timers.filter((name) => name.startsWith("plugins"))).toEqual([]);
    expect(off.timers.filter((name) => name.startsWith("live"))).toEqual([]);

    const one = await footprint({ "features.default": "off", "features.graphql": true });
    expect(one.routes).toContain("/graphql");
    expect(one.modules.filter((path) => LIVE_MODULE.test(path))).toEqual([]);
  }, 60_000);
});
