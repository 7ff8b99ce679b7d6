import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { TempFolder } from "../../support/temp-folder.ts";

interface Footprint {
  modules: string[];
  routes: string[];
  sockets: string[];
  timers: string[];
  /** Statements that were prepared for the state database. */
  statements: string[];
  /** Of the data folder. */
  files: string[];
}

/** What tells that a feature is there, of each kind of trace that it leaves; kinds it never leaves are left out. */
type Traces = Partial<Record<keyof Footprint, RegExp>>;

const FEATURES: Readonly<Record<string, Traces>> = {
  graphql: {
    modules:
      /node_modules\/(@pothos|graphql|graphql-jit|graphql-ws|graphql-yoga|@graphql-yoga)\/|\/graphql\.ts$|server\/graph\.ts|http\/graphql\/(?!path)/,
    routes: /^\/graphql$/,
    sockets: /^\/graphql$/,
  },
  plugins: {
    modules: /server\/(plugins|compose\/plugins)\/|server\/compose\/plugins\.ts/,
    routes: /plugins/,
    timers: /^plugins/,
    statements: /\bplugin(s|_approvals|_health|_state)\b/,
  },
  liveMetrics: {
    modules: /server\/metrics\/(live\/(?!client-message)|live\.ts|socket\.ts)/,
    sockets: /live-metrics$/,
  },
  queryCache: { modules: /server\/cache\/rest\.ts$/, routes: /\/cache/ },
  alerts: {
    modules: /server\/(alerts\/|compose\/alerts\.ts)/,
    routes: /\/alert/,
    timers: /^alerts/,
    statements: /\balert(s|_\w+)\b/,
  },
  logger: {
    modules: /server\/(logs\/(store|service|rest|watch|socket|live|export)|compose\/logs\.ts)/,
    routes: /\/logger\//,
    files: /^logs\.db/,
  },
  profiler: {
    modules: /server\/(profiler\/|compose\/profiler\.ts)/,
    routes: /\/profiler\//,
    timers: /^profiler/,
    files: /^profiler\.db/,
  },
};

const LOADER = join(import.meta.dirname, "footprint.ts");
const TIMEOUT_MS = 60_000;

/** What a server of its own process has evaluated, mounted, scheduled and asked with these switches. */
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

/** The traces of a feature, by kind. */
const tracesOf = (feature: string, found: Footprint): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(FEATURES[feature] ?? {}).map(([kind, pattern]) => [
      kind,
      found[kind as keyof Footprint].filter((one) => pattern.test(one)),
    ]),
  );

const absent = (feature: string): Record<string, string[]> =>
  Object.fromEntries(Object.keys(FEATURES[feature] ?? {}).map((kind) => [kind, []]));

describe("a feature that is off", () => {
  test(
    "has no module evaluated, no route, socket, timer or table asked for; one that is on has",
    async () => {
      const on = await footprint({});
      for (const feature of Object.keys(FEATURES)) {
        for (const [kind, traces] of Object.entries(tracesOf(feature, on)))
          expect({ feature, kind, isThere: traces.length > 0 }).toEqual({ feature, kind, isThere: true });
      }
      const off = await footprint({ "features.default": "off" });
      for (const feature of Object.keys(FEATURES))
        expect({ feature, ...tracesOf(feature, off) }).toEqual({ feature, ...absent(feature) });
    },
    TIMEOUT_MS,
  );

  test.each(["graphql", "alerts"])(
    "brings no other with it: %s alone",
    async (alone) => {
      const one = await footprint({ "features.default": "off", [`features.${alone}`]: true });
      for (const feature of Object.keys(FEATURES).filter((name) => name !== alone)) {
        expect({ feature, ...tracesOf(feature, one) }).toEqual({ feature, ...absent(feature) });
      }
      expect(tracesOf(alone, one).modules).not.toEqual([]);
    },
    TIMEOUT_MS,
  );
});
