import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { RunningBinary, Workspace } from "../support/binary.ts";
import { FAULTLESS, Visitor, WINDOWS } from "../support/browser.ts";
import { setUp, signIn } from "../support/sign-in.ts";

const MINUTE_MS = 60_000;
/** Path → words that are there once the page has drawn what it loads. */
const PAGES = {
  "/": "Processes",
  "/metrics": "Choose a series",
  "/metrics?series=memory_used_percent&series=load_average%7Bperiod%3D%221m%22%7D": "GraphQL query",
  "/logs": "Binnacle is up",
  "/logs?q=nothing-like-it": "No line fits",
  "/logs?tab=store": "Files that are followed",
  "/alerts": "Nothing is open",
  "/alerts?state=resolved": "No alert fits this filter",
  "/alerts?tab=rules": "Disk nearly full",
  "/alerts?tab=rules&rule=new": "On real history",
  "/alerts?tab=routing": "Nobody is told yet",
  "/alerts?tab=routing&edit=route:new": "New route",
  "/alerts?tab=routing&edit=window:new": "New maintenance window",
  "/alerts?tab=summary": "What fired when",
  "/performance": "Percentiles are exact to 1 %",
  "/performance?kind=app": "No application has reported in this time",
  "/performance?tab=slow": "Slow operations",
  "/performance?tab=suggestions": "Suggestions",
  "/plugins": "Write your own",
  "/plugins?q=nothing+like+it": "No plugin fits this filter",
  "/configuration": "Takes effect with a later version",
  "/secrets": "Recovery key",
  "/audit": "audit.anchor",
  "/audit?action=user&outcome=ok": "Clear all",
  "/events": "server.started",
  "/events?types=nothing.like.this": "Copy the command",
  "/errors": "requests answered",
  "/errors?state=resolved": "No error fits this filter",
  "/users": "ann",
  "/users?tab=tokens": "token",
  "/users?tab=sessions": "This browser",
  "/account": "Your sessions",
  "/nowhere": "nothing",
} as const;

const BOTTOM_BAR = ["Overview", "Metrics", "Logs", "Alerts"];
const SHEET = [
  "Performance",
  "Plugins",
  "Events",
  "Errors",
  "Configuration",
  "Secrets",
  "Audit",
  "Users and tokens",
  "GraphQL explorer",
  "API reference",
];
const TOUCH_TARGET_PX = 44;

describe("every page", () => {
  let workspace: Workspace;
  let server: RunningBinary;

  beforeAll(async () => {
    workspace = new Workspace();
    server = await RunningBinary.start(workspace.path, { env: { BINNACLE_METRICS__INTERVAL_SECONDS: "1" } });
    await using visitor = await Visitor.arrive(server.address);
    await setUp(visitor, server);
  });
  afterAll(async () => {
    await server.end();
    workspace[Symbol.dispose]();
  });

  test.each(Object.entries(WINDOWS))(
    "is accessible in both themes, quiet and stays on this host: %s",
    async (_, window) => {
      await using visitor = await Visitor.arrive(server.address, window);
      await visitor.page.goto("/sign-in");
      await visitor.page.getByRole("button", { name: "Sign in" }).waitFor();
      expect({ path: "/sign-in", ...(await visitor.findFaults()) }).toEqual({
        path: "/sign-in",
        ...FAULTLESS,
      });
      await signIn(visitor);
      for (const [path, words] of Object.entries(PAGES)) {
        await visitor.page.goto(path);
        await visitor.page.getByText(words, { exact: false }).first().waitFor({ state: "attached" });
        expect({ path, ...(await visitor.findFaults()) }).toEqual({ path, ...FAULTLESS });
      }
      expect(visitor.foreignRequests).toEqual([]);
    },
    2 * MINUTE_MS,
  );

  test(
    "on a phone, More leads to every page that the bottom bar has no place for",
    async () => {
      await using visitor = await Visitor.arrive(server.address, WINDOWS.phone);
      await signIn(visitor);
      const { page } = visitor;
      const more = page.getByRole("button", { name: "More" });
      const sheet = page.getByRole("dialog", { name: "More" });
      const bar = page.getByRole("navigation", { name: "Main" }).locator("a:visible .label");
      expect(await bar.allInnerTexts()).toEqual(BOTTOM_BAR);
      await more.click();
      expect(await sheet.getByRole("link").allInnerTexts()).toEqual(SHEET);
      expect(await visitor.findInaccessible()).toEqual([]);
      for (const control of await sheet.locator("a, button").all())
        expect((await control.boundingBox())?.height ?? 0).toBeGreaterThanOrEqual(TOUCH_TARGET_PX);
      await page.keyboard.press("Escape");
      await sheet.waitFor({ state: "hidden" });
      expect(await more.evaluate((button) => button.matches(":focus"))).toBe(true);
      await more.click();
      await sheet.getByRole("link", { name: "Audit" }).click();
      await page.getByRole("heading", { name: "Audit" }).waitFor();
      await sheet.waitFor({ state: "hidden" });
      await more.click();
      await sheet.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
      expect(visitor.takeErrors()).toEqual([]);
    },
    MINUTE_MS,
  );

  test(
    "the check for accessibility itself finds what is wrong",
    async () => {
      await using visitor = await Visitor.arrive(server.address);
      await visitor.page.goto("/sign-in");
      await visitor.page.evaluate(() => {
        document.body.append(document.createElement("img"), document.createElement("button"));
      });
      const rules = (await visitor.findInaccessible()).map((finding) => finding.rule);
      expect(rules).toContain("image-alt");
      expect(rules).toContain("button-name");
    },
    MINUTE_MS,
  );

  test(
    "the API reference and the GraphQL explorer work without another host",
    async () => {
      await using visitor = await Visitor.arrive(server.address);
      await signIn(visitor);
      await visitor.page.goto("/docs");
      await visitor.page.getByText("/api/v3/plugins/list").first().waitFor();
      await visitor.page.goto("/graphql");
      await visitor.page.getByRole("button", { name: /^Execute query/ }).click();
      await visitor.page.locator(".result-window").getByText("timestamp").waitFor();
      expect(visitor.foreignRequests).toEqual([]);
      expect(visitor.takeErrors()).toEqual([]);
    },
    MINUTE_MS,
  );
});
