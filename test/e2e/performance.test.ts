import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { RunningBinary, runBinary, Workspace } from "../support/binary.ts";
import { FAULTLESS, Visitor, WINDOWS } from "../support/browser.ts";
import { ADMIN, setUp, signIn } from "../support/sign-in.ts";
import { runShop, type ShopTraces } from "../support/traced-shop.ts";

const MINUTE_MS = 60_000;
const SPANS = 1_000;
/** Rows in sight of a large trace, and a margin on either side. */
const MOST_DRAWN = 80;

let workspace: Workspace;
let server: RunningBinary;
let shop: ShopTraces;
beforeAll(async () => {
  workspace = new Workspace();
  server = await RunningBinary.start(workspace.path);
  await using visitor = await Visitor.arrive(server.address);
  await setUp(visitor, server);
  const command = ["token", "create", "--user", ADMIN.name, "--name", "shop", "--json", "--data", "data"];
  const { stdout } = await runBinary([...command, "--scopes", "profiler:write"], { cwd: workspace.path });
  shop = await runShop(server.address, (JSON.parse(stdout) as { token: string }).token);
}, MINUTE_MS);
afterAll(async () => {
  await server.end();
  workspace[Symbol.dispose]();
});

test.each(Object.entries(WINDOWS))(
  "operations are sorted, searched and chosen by kind, and the address holds it: %s",
  async (_, window) => {
    await using visitor = await Visitor.arrive(server.address, window);
    const { page } = visitor;
    await signIn(visitor);
    await page.goto("/performance?kind=app");
    const rows = page.getByRole("table", { name: "Operations" }).getByRole("rowheader");
    await page.getByRole("button", { name: "Calls" }).click();
    await page.waitForURL("**/performance?kind=app&sort=-calls");
    expect(await rows.first().textContent()).toContain("add line");
    await page.reload();
    await rows.first().waitFor();
    expect(await rows.first().textContent()).toContain("add line");
    await page.getByLabel("Search operations").fill("charge");
    await page.keyboard.press("Enter");
    await page.waitForURL(/q=charge/);
    await rows.filter({ hasText: "validate" }).waitFor({ state: "detached" });
    expect(await rows.count()).toBe(2);
    await rows.filter({ hasText: "charge card" }).getByRole("link").click();
    await page.getByRole("heading", { name: "charge card" }).waitFor();
    await page.getByRole("img", { name: /^Distribution of durations/ }).waitFor();
    await page.locator("bn-chart canvas").first().waitFor();
    await page.getByRole("table", { name: "Slow operations" }).getByText("Failed").waitFor();
    await page.getByRole("link", { name: "Trace", exact: true }).click();
    await page.waitForURL(`**/performance/traces/${shop.declined}`);
    expect(visitor.takeErrors()).toEqual([]);
  },
  2 * MINUTE_MS,
);

test(
  "a chart of an operation is looked at closer by dragging: address, figures and all charts follow, and lead back",
  async () => {
    await using visitor = await Visitor.arrive(server.address);
    const { page } = visitor;
    await signIn(visitor);
    await page.goto("/performance?kind=app");
    await page.getByRole("link", { name: "charge card" }).click();
    const chart = page.locator("bn-chart .u-over").first();
    const drag = async (fromShare: number, toShare: number) => {
      const box = await chart.boundingBox();
      if (box === null) throw new Error("The chart has no place.");
      const y = box.y + box.height / 2;
      await page.mouse.move(box.x + box.width * fromShare, y);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * toShare, y, { steps: 5 });
      await page.mouse.up();
      await page.waitForURL(/from=\d+&to=\d+/);
    };
    await drag(0.2, 0.5);
    await page.getByRole("heading", { name: "It did not run in this time" }).waitFor();
    await page.getByRole("button", { name: "Back to the time before" }).click();
    await page.waitForURL(/operations\/\d+$/);
    await drag(0.8, 1.02);
    await page.getByRole("img", { name: /^Distribution of durations/ }).waitFor();
    await chart.dblclick();
    await page.waitForURL(/operations\/\d+$/);
    await page.getByRole("img", { name: /^Distribution of durations/ }).waitFor();
    expect(visitor.takeErrors()).toEqual([]);
  },
  2 * MINUTE_MS,
);

test(
  "a trace is walked through by keyboard, and a span says all it knows",
  async () => {
    await using visitor = await Visitor.arrive(server.address);
    const { page } = visitor;
    await signIn(visitor);
    await page.goto(`/performance/traces/${shop.declined}`);
    const tree = page.getByRole("tree", { name: "Spans of the trace" });
    await tree.focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.getByRole("heading", { name: "charge card" }).waitFor();
    await page.waitForURL(/span=/);
    for (const words of ["payment declined", "payment.provider", "acme", "retry", "attempt"])
      await page.locator("bn-span-detail").getByText(words, { exact: true }).waitFor();
    const logs = page.getByRole("link", { name: "Logs of this trace" });
    expect(await logs.getAttribute("href")).toBe(`/logs?trace=${shop.declined}`);
    await page.keyboard.press("ArrowLeft");
    await page.getByRole("heading", { name: "charge card" }).waitFor({ state: "detached" });
    await page.keyboard.press("ArrowLeft");
    await tree.getByRole("treeitem", { expanded: false }).waitFor();
    expect(await tree.getByRole("treeitem").count()).toBe(1);
    await page.keyboard.press("ArrowRight");
    expect(await tree.getByRole("treeitem").count()).toBe(2);
    expect(visitor.takeErrors()).toEqual([]);
  },
  2 * MINUTE_MS,
);

test(
  "of a trace of a thousand spans those in sight are drawn, and its end is one key away",
  async () => {
    await using visitor = await Visitor.arrive(server.address);
    const { page } = visitor;
    await signIn(visitor);
    await page.goto(`/performance/traces/${shop.large}`);
    const tree = page.getByRole("tree", { name: "Spans of the trace" });
    await tree.getByRole("treeitem").first().waitFor();
    expect(await tree.getByRole("treeitem").count()).toBeLessThan(MOST_DRAWN);
    await tree.focus();
    await page.keyboard.press("End");
    const last = tree.locator(`[aria-posinset="${SPANS}"]`);
    await last.waitFor();
    expect(await last.getAttribute("aria-selected")).toBe("true");
    expect(await tree.getByRole("treeitem").count()).toBeLessThan(MOST_DRAWN);
    expect(visitor.takeErrors()).toEqual([]);
  },
  2 * MINUTE_MS,
);

describe("every part", () => {
  const parts = () => ({
    "/performance": "POST /orders",
    "/performance?kind=plugin": "No operation fits this filter",
    "/performance?tab=slow": "charge card",
    "/performance?tab=traces": "POST /orders/import",
    "/performance?tab=traces&service=nobody": "No trace fits this filter",
    "/performance?tab=suggestions": "Suggestions",
    [`/performance/traces/${shop.usual[0]}`]: "reserve articles",
  });
  test.each(Object.entries(WINDOWS))(
    "is accessible in both themes, and no wider than the window: %s",
    async (_, window) => {
      await using visitor = await Visitor.arrive(server.address, window);
      await signIn(visitor);
      for (const [path, words] of Object.entries(parts())) {
        await visitor.page.goto(path);
        await visitor.page.getByText(words).first().waitFor();
        expect({ path, ...(await visitor.findFaults()) }).toEqual({ path, ...FAULTLESS });
      }
    },
    2 * MINUTE_MS,
  );
});
