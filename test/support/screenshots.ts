import { join } from "node:path";
import { readConfiguration } from "../../server/compose/configuration.ts";
import { closeParts } from "../../server/compose/running.ts";
import { compose } from "../../server/compose.ts";
import { openDataFolder } from "../../server/database/data-folder.ts";
import { RECORDED_INTERVAL_MS, readRecording } from "../bench/recording.ts";
import { endShared } from "./at-end.ts";
import { RunningBinary, runBinary, Workspace } from "./binary.ts";
import { type Theme, Visitor } from "./browser.ts";
import { writeShopLog } from "./log-lines.ts";
import { ADMIN, setUp, signIn } from "./sign-in.ts";
import { runShop } from "./traced-shop.ts";

/**
 * `bun run screenshots`: makes docs/images/*.png from the built binary, or those whose names begin with an argument. The
 * hour before is a recorded hour of a real machine; what follows is this one.
 */
const IMAGES = join(import.meta.dirname, "../../docs/images");
const SETTLE_MS = 12_000;
const DESKTOP = { width: 1_440, height: 900 } as const;
const PHONE = { width: 390, height: 844, scale: 2 } as const;

interface Shot {
  name: string;
  path: string;
  theme: Theme;
  size: { width: number; height: number; scale?: number };
  /** What is there once the page has its content. */
  content: string;
}

const CHART = "bn-chart canvas";
/** What those that ship are asked, so that the page of plugins has something to show. */
const CALLS: readonly (readonly [plugin: string, input: unknown])[] = [
  ["text-processing", { operation: "slug", text: "Über die Brücke" }],
  ["validation", { data: { mail: "ann@example.com" }, rules: [{ path: "mail", format: "email" }] }],
  ["task-template", { values: [12, 15, 11] }],
  ["hello", null],
];

/** An hour of a shop's log, for the page of logs. */
const SHOP_LINES = 20_000;
const SHOP_SPACING_MS = 180;

const COMPARED = [
  'cpu_usage_percent{mode="user"}',
  'cpu_usage_percent{mode="system"}',
  'load_average{period="1m"}',
];
const SHOTS: readonly Shot[] = [
  { name: "overview-dark", path: "/?range=1h", theme: "dark", size: DESKTOP, content: CHART },
  { name: "overview-light", path: "/?range=1h", theme: "light", size: DESKTOP, content: CHART },
  { name: "overview-phone", path: "/?range=1h", theme: "dark", size: PHONE, content: CHART },
  {
    name: "metrics-dark",
    path: `/metrics?range=1h&${new URLSearchParams(COMPARED.map((key) => ["series", key]))}`,
    theme: "dark",
    size: DESKTOP,
    content: CHART,
  },
  {
    name: "alerts-dark",
    path: "/alerts?tab=rules&rule=RULE",
    theme: "dark",
    size: DESKTOP,
    content: "bn-rule-preview canvas",
  },
  {
    name: "logs-dark",
    path: "/logs?source=shop",
    theme: "dark",
    size: DESKTOP,
    content: "bn-log-list .row",
  },
  { name: "plugins-dark", path: "/plugins", theme: "dark", size: DESKTOP, content: "bn-plugin-standing" },
  {
    name: "trace-dark",
    path: "/performance/traces/TRACE",
    theme: "dark",
    size: DESKTOP,
    content: "bn-waterfall",
  },
];

using workspace = new Workspace();
await replayHour(workspace.file("data"));
const shopLog = workspace.file("shop.log");
writeShopLog(shopLog, SHOP_LINES, Date.now(), SHOP_SPACING_MS);
const logs = { files: [{ path: shopLog, source: "shop" }] };
await Bun.write(workspace.file("data/binnacle.json"), JSON.stringify({ logs }));
await using _browser = { [Symbol.asyncDispose]: endShared };
await using server = await RunningBinary.start(workspace.path);
await using first = await Visitor.arrive(server.address);
await setUp(first, server);
await runPlugins();
const ruleId = await makeRule(first);
const { usual } = await runShop(server.address, await makeToken("profiler:write"), 10);
const wanted = process.argv.slice(2);
for (const { name, path, theme, size, content } of SHOTS) {
  if (wanted.length > 0 && !wanted.some((word) => name.startsWith(word))) continue;
  await using visitor = await Visitor.arrive(server.address, { theme, ...size });
  await signIn(visitor);
  await visitor.page.goto(path.replace("RULE", ruleId).replace("TRACE", usual[3] ?? ""));
  await visitor.page.locator(content).first().waitFor();
  await Bun.sleep(SETTLE_MS);
  const file = join(IMAGES, `${name}.png`);
  await visitor.page.screenshot({ path: file });
  console.log(`${name}.png ${(Bun.file(file).size / 1_000).toFixed(0)} kB`);
}

/** A token of the administrator that holds those scopes. */
async function makeToken(scopes: string): Promise<string> {
  const create = ["token", "create", "--user", ADMIN.name, "--name", "shop", "--scopes", scopes, "--json"];
  const { stdout } = await runBinary(create, { cwd: workspace.path, env: { BINNACLE_DATA: "data" } });
  return (JSON.parse(stdout) as { token: string }).token;
}

/** The hello world of the guide, and those that ship, each after a first call. */
async function runPlugins(): Promise<void> {
  const hello =
    'import { definePlugin } from "binnacle";\nexport default definePlugin({ execute: () => "hello" });\n';
  await Bun.write(workspace.file("data/plugins/hello.ts"), hello);
  for (const [plugin, input] of CALLS) {
    const call = ["plugin", "execute", plugin, "--input", JSON.stringify(input)];
    const { exitCode, stderr } = await runBinary(call, {
      cwd: workspace.path,
      env: { BINNACLE_DATA: "data" },
    });
    if (exitCode !== 0) throw new Error(stderr);
  }
}

/** A rule that would have fired now and then within the recorded hour. */
async function makeRule({ page }: Visitor): Promise<string> {
  const answer = await page.request.post("/api/v3/alert-rules", {
    headers: { "x-binnacle-csrf": "1" },
    data: {
      name: "CPU busy",
      alertType: "cpu_busy",
      severity: "MEDIUM",
      condition: {
        kind: "threshold",
        series: { name: "cpu_usage_percent", labels: { mode: "total" } },
        direction: "above",
        value: 60,
        clearValue: 40,
        forSeconds: 10,
      },
    },
  });
  const { id }: { id: string } = await answer.json();
  return id;
}

/** Stores the recorded hour as the one that has just passed. */
async function replayHour(dataFolder: string): Promise<void> {
  const series = await readRecording();
  const ticks = Math.max(...series.map(({ values }) => values.length));
  const endAt = Math.floor(Date.now() / RECORDED_INTERVAL_MS) * RECORDED_INTERVAL_MS;
  const folder = openDataFolder(dataFolder, undefined);
  const configuration = readConfiguration({ dataFolder, environment: {} });
  const parts = await compose({ configuration, folder });
  // As this machine's own collectors describe them, where they know them.
  const known = new Map(
    parts.machine.collectors
      .flatMap((collector) => collector.collect(endAt))
      .map(({ series: definition }) => [definition.key, definition]),
  );
  for (let tick = 0; tick < ticks; tick++) {
    const measurements = series.flatMap(({ definition, values }) => {
      const value = values[tick];
      return value === undefined || !Number.isFinite(value)
        ? []
        : [{ series: known.get(definition.key) ?? definition, value }];
    });
    await parts.store.append([{ at: endAt - (ticks - tick) * RECORDED_INTERVAL_MS, measurements }]);
  }
  await closeParts(parts);
  folder.close();
}
