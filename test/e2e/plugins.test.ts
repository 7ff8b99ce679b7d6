import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Page } from "playwright-core";
import { RunningBinary, Workspace } from "../support/binary.ts";
import { FAULTLESS, Visitor, WINDOWS } from "../support/browser.ts";
import { HOSTILE } from "../support/fake-plugins.ts";
import { setUp, signIn } from "../support/sign-in.ts";

const MINUTE_MS = 60_000;
const NOBODY = "/plugins/nobody";
const TABS = ["overview", "log", "health", "configuration", "permissions", "run"] as const;

const HELLO = `import { definePlugin } from "binnacle";
export default definePlugin({
  execute: (input, ctx) => {
    ctx.logger.info("hello was called");
    return { said: "hello", input };
  },
});
`;
const WEATHER = {
  id: "weather",
  version: "1.0.0",
  type: "custom",
  main: "index.ts",
  name: "Weather",
  description: "Watches the sky",
  permissions: { net: [{ host: "api.example.com", why: "To read the forecast" }] },
  config: {
    type: "object",
    required: ["city"],
    properties: {
      city: { type: "string", minLength: 2, default: "Bern", title: "City" },
      token: { type: "string", writeOnly: true, title: "Token" },
    },
  },
  panels: [
    { id: "days", title: "Forecast", kind: "table", input: {}, columns: [{ field: "sky", title: "Sky" }] },
    { id: "mood", title: "Mood", kind: "stat", input: { mood: true }, place: "overview" },
  ],
};
const WEATHER_CODE = `import { definePlugin } from "binnacle";
export default definePlugin({
  execute: async (input, ctx) => (input?.mood ? { value: "sunny" } : [{ sky: "blue in " + (await ctx.config.get()).city }]),
});
`;
const SNOW = {
  id: "snow",
  version: "2.0.0",
  type: "custom",
  main: "index.ts",
  name: "Snow",
  permissions: { net: [{ host: "snow.example.com", why: "To count flakes" }] },
};
/** What one who wishes us ill can have a plugin say; the manifest's own words are refused with markup in them. */
const ODD = {
  id: "odd",
  version: "1.0.0",
  type: "custom",
  main: "index.ts",
  name: "Odd",
  config: { type: "object", properties: { field: { type: "string", default: HOSTILE.markup } } },
  panels: [
    { id: "odd", title: "Odd table", kind: "table", input: {}, columns: [{ field: "a", title: "A" }] },
    { id: "too", title: "Odd figure", kind: "stat", input: { one: true }, place: "overview" },
  ],
};
const ODD_CODE = `import { definePlugin } from "binnacle";
const text = ${JSON.stringify(HOSTILE.markup)};
export default definePlugin({
  execute: (input, ctx) => {
    ctx.logger.error(text, { [text]: text });
    console.error(text);
    return input?.one ? { value: text, unit: text } : [{ a: text, [text]: text }];
  },
  health: () => ({ status: "degraded", message: text, dependencies: [{ name: text, status: "degraded" }] }),
});
`;

/** Page → words of the plugin's that are on it, or that are there once they would be. */
const ODD_PAGES = {
  "/": "<script>",
  "/plugins": "<script>",
  "/plugins/worse": "<script>",
  "/plugins/odd": "<script>",
  "/plugins/odd?tab=log": "<script>",
  "/plugins/odd?tab=health": "<script>",
  "/plugins/odd?tab=configuration": "field",
  "/plugins/odd?tab=permissions": "What it asked for so far",
  "/plugins/odd?tab=run": "Call it",
} as const;

/** Drops a file on the list of plugins. */
async function drop(page: Page, name: string, bytes: Uint8Array): Promise<void> {
  const dataTransfer = await page.evaluateHandle(
    ([fileName, content]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(content)], fileName));
      return transfer;
    },
    [name, [...bytes]] as const,
  );
  await page.locator("section[aria-label=Plugins]").dispatchEvent("drop", { dataTransfer });
}

describe("plugins on the dashboard", () => {
  let workspace: Workspace;
  let server: RunningBinary;

  const put = (name: string, text: string): void => {
    const path = workspace.file(`data/plugins/${name}`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };

  beforeAll(async () => {
    workspace = new Workspace();
    mkdirSync(workspace.file("data"), { mode: 0o700 });
    put("hello.ts", HELLO);
    put("weather/plugin.json", JSON.stringify(WEATHER));
    put("weather/index.ts", WEATHER_CODE);
    put("odd/plugin.json", JSON.stringify(ODD));
    put("odd/index.ts", ODD_CODE);
    put("worse/plugin.json", JSON.stringify({ ...ODD, id: "worse", name: HOSTILE.markup }));
    server = await RunningBinary.start(workspace.path, { env: { BINNACLE_METRICS__INTERVAL_SECONDS: "1" } });
    await using visitor = await Visitor.arrive(server.address);
    await setUp(visitor, server);
  }, MINUTE_MS);
  afterAll(async () => {
    await server.end();
    workspace[Symbol.dispose]();
  });

  test(
    "one that asks for something is reviewed and approved from the Overview; its panels appear without a reload of the page",
    async () => {
      await using visitor = await Visitor.arrive(server.address);
      await signIn(visitor);
      const { page } = visitor;
      await page.getByText("Plugin Weather waits for your approval").waitFor();
      await page.getByRole("link", { name: "Review what it asks for" }).first().click();
      await page.getByText("api.example.com:443").waitFor();
      await page.getByText("“To read the forecast”").waitFor();
      await page.getByRole("button", { name: "Approve version 1.0.0" }).click();
      await page.getByText("Weather 1.0.0 is approved").waitFor();
      await page.getByRole("link", { name: "Overview", exact: true }).last().click();
      await page.getByRole("button", { name: "Start", exact: true }).click();
      await page.getByText("Weather has started").waitFor();
      await page.getByText("Held by the kernel").first().waitFor();
      await page.getByRole("rowheader", { name: "blue in Bern" }).waitFor();
      await page.getByRole("link", { name: "Binnacle, to the overview" }).click();
      await page.getByText("sunny").waitFor();
      expect(visitor.takeErrors()).toEqual([]);
    },
    MINUTE_MS,
  );

  test(
    "its configuration is checked as one types, shown as a difference, and saved; a secret is never shown again",
    async () => {
      await using visitor = await Visitor.arrive(server.address);
      await signIn(visitor);
      const { page } = visitor;
      await page.goto("/plugins/weather?tab=configuration");
      await page.getByLabel("City").fill("Z");
      await page.getByText("City must have at least 2 characters").waitFor();
      await page.getByLabel("City").fill("Zug");
      await page.getByLabel("Token (optional)").fill("hunter2");
      await page.keyboard.press("Enter");
      await page.getByRole("dialog", { name: "Save 2 changes?" }).waitFor();
      // What stands in a slot is no descendant of the dialog.
      const changes = (await page.locator(".changes li").allTextContents()).join(" ");
      expect(changes).toContain("Zug");
      expect(changes).not.toContain("hunter2");
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await page.getByText("The configuration of weather is saved").waitFor();
      await page.reload();
      await page.getByText("Stored, and never shown").waitFor();
      expect(await page.getByLabel("City").inputValue()).toBe("Zug");
      expect(await page.getByLabel("Token").inputValue()).toBe("");
      expect(await page.content()).not.toContain("hunter2");
      await page.getByRole("link", { name: "Log", exact: true }).click();
      await page.waitForURL("**/plugins/weather?tab=log");
      expect(await page.title()).toBe("Weather · Binnacle");
      expect(visitor.takeErrors()).toEqual([]);
    },
    MINUTE_MS,
  );

  test(
    "an update that asks for more waits while the old one runs on, and tells what it adds",
    async () => {
      await using visitor = await Visitor.arrive(server.address);
      await signIn(visitor);
      const { page } = visitor;
      await page.goto("/plugins/weather?tab=permissions");
      await page.getByText("Approved", { exact: true }).waitFor();
      const read = [{ path: "/srv/maps", why: "To know the places" }];
      put(
        "weather/plugin.json",
        JSON.stringify({ ...WEATHER, version: "1.1.0", permissions: { ...WEATHER.permissions, read } }),
      );
      await page.getByText("The update waits for approval").waitFor();
      await page.getByText("asks for one permission more").waitFor();
      const added = page.locator(".grants li.added");
      expect((await added.textContent())?.replace(/\s+/g, " ")).toContain("/srv/maps");
      expect(await added.locator(".mark").textContent()).toBe("+ Added");
      expect(await page.locator(".files li.changed").count()).toBe(1);
      await page.getByText("Active", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Approve version 1.1.0" }).click();
      await page.getByText("Weather 1.1.0 is approved").waitFor();
      await page.getByRole("heading", { name: "Weather 1.1.0" }).waitFor();
      expect(visitor.takeErrors()).toEqual([]);
    },
    MINUTE_MS,
  );

  test(
    "a channel gets a second target: its copy is configured and approved by itself",
    async () => {
      await using visitor = await Visitor.arrive(server.address);
      await signIn(visitor);
      const { page } = visitor;
      await page.goto("/plugins/webhook");
      await page.getByRole("button", { name: "Copy…" }).click();
      await page.getByRole("dialog", { name: /^Copy / }).waitFor();
      await page.getByLabel("Id", { exact: true }).fill("webhook");
      await page.getByRole("button", { name: "Make a copy" }).click();
      await page.getByText("There is, or was, a plugin webhook; choose another id.").waitFor();
      expect(visitor.takeErrors()).toEqual([expect.stringContaining("409 (Conflict)")]);
      await page.getByLabel("Id", { exact: true }).fill("webhook-two");
      await page.getByLabel("Name", { exact: true }).fill("Webhook of the shop");
      await page.getByRole("button", { name: "Make a copy" }).click();
      await page.getByText("Say where it leads").waitFor();
      await page.getByRole("link", { name: "Configure it" }).click();
      await page.getByRole("heading", { name: "Webhook of the shop 1" }).waitFor();
      await page.getByLabel("Address").fill("https://shop.example.com/alerts");
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await page.getByText("The configuration of webhook-two is saved").waitFor();
      await page.goto("/plugins/webhook-two?tab=permissions");
      await page.getByText("what its setting “Address” says, also at private addresses").waitFor();
      expect(visitor.takeErrors()).toEqual([]);
    },
    MINUTE_MS,
  );

  test(
    "one is called by hand, its log follows, and it is stopped: by keyboard where a mouse would do",
    async () => {
      await using visitor = await Visitor.arrive(server.address);
      await signIn(visitor);
      const { page } = visitor;
      await page.keyboard.press("g");
      await page.keyboard.press("p");
      await page.getByRole("heading", { name: /^\d+ plugins$/ }).waitFor();
      await page.getByRole("link", { name: "hello", exact: true }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("link", { name: "Log", exact: true }).click();
      await page.getByText("Live", { exact: true }).waitFor();
      await page.evaluate(async () => {
        const headers = { "content-type": "application/json", "x-binnacle-csrf": "1" };
        await fetch("/api/v3/plugins/execute", { method: "POST", headers, body: '{"name":"hello"}' });
      });
      await page.getByText("hello was called").waitFor();
      await page.getByText(/^call=[0-9a-f-]{36}$/).waitFor();
      await page.getByRole("button", { name: "Pause" }).last().click();
      await page.getByText("Paused", { exact: true }).last().waitFor();
      await page.getByRole("link", { name: "Run" }).click();
      await page.getByLabel("Input (JSON)").fill("{");
      await page.getByText(/is not JSON/).waitFor();
      await page.getByLabel("Input (JSON)").fill('{"a":1}');
      await page.keyboard.press("Control+Enter");
      await page.getByText(/Answered in/).waitFor();
      expect(await page.getByRole("region", { name: "Answer" }).last().textContent()).toContain('"a": 1');
      await page.getByRole("button", { name: "Stop" }).click();
      await page.getByText("hello has stopped").waitFor();
      await page.getByText("Stopped", { exact: true }).waitFor();
      expect(visitor.takeErrors()).toEqual([]);
    },
    MINUTE_MS,
  );

  test(
    "the palette finds it, and the list keeps its filter in the address",
    async () => {
      await using visitor = await Visitor.arrive(server.address);
      await signIn(visitor);
      const { page } = visitor;
      await page.keyboard.press("Control+k");
      await page.keyboard.type("weather");
      await page.getByRole("option", { name: /Weather/ }).waitFor();
      await page.keyboard.press("Enter");
      await page.waitForURL("**/plugins/weather");
      await page.goto("/plugins");
      await page.getByLabel("Search plugins").fill("sky");
      await page.keyboard.press("Enter");
      await page.waitForURL("**/plugins?q=sky");
      await page.getByRole("link", { name: "hello", exact: true }).waitFor({ state: "detached" });
      await page.reload();
      await page.getByRole("link", { name: "Weather" }).waitFor();
      expect(await page.getByRole("link", { name: "hello", exact: true }).count()).toBe(0);
      expect(visitor.takeErrors()).toEqual([]);
    },
    MINUTE_MS,
  );

  test(
    "one that ships switched off says what enabling it approves",
    async () => {
      await using visitor = await Visitor.arrive(server.address);
      await signIn(visitor);
      const { page } = visitor;
      await page.goto("/plugins/http-check");
      await page.getByRole("button", { name: "Enable" }).click();
      await page.getByText("Enabling it approves what it asks for").waitFor();
      await page.getByText(/Network: what its setting urls says/).waitFor();
      await page.getByRole("button", { name: "Approve and enable HTTP check" }).click();
      await page.getByText("HTTP check is enabled").waitFor();
      await page.getByText("Ready", { exact: true }).waitFor();
      expect(visitor.takeErrors()).toEqual([]);
    },
    MINUTE_MS,
  );

  test(
    "one is installed from an archive, removed, brought back, and all are stopped",
    async () => {
      const files = { "snow/plugin.json": JSON.stringify(SNOW), "snow/index.ts": HELLO };
      const archive = Bun.gzipSync(await new Bun.Archive(files).bytes());
      await using visitor = await Visitor.arrive(server.address);
      await signIn(visitor);
      const { page } = visitor;
      await page.goto("/plugins");
      await page.getByRole("button", { name: "Install" }).click();
      await page.getByLabel("Archive of a plugin").setInputFiles({
        name: "notes.txt",
        mimeType: "text/plain",
        buffer: Buffer.from("no archive"),
      });
      await page.getByText("A plugin comes as .zip, .tar.gz, .tgz or .tar.").waitFor();
      await page.getByRole("button", { name: "Close" }).click();
      await drop(page, "snow.tar.gz", archive);
      await page.getByText("It asks for one permission (Network)").waitFor();
      await page.getByRole("link", { name: "Review what it asks for" }).last().click();
      await page.waitForURL("**/plugins/snow?tab=permissions");
      await page.getByRole("button", { name: "Remove" }).click();
      await page.getByRole("button", { name: "Remove Snow" }).click();
      await page.getByText("Snow was removed").waitFor();
      await page.waitForURL("**/plugins");
      await page.getByRole("button", { name: "Undo" }).click();
      await page.getByRole("link", { name: "Snow" }).waitFor();
      await page.getByRole("button", { name: "All plugins" }).click();
      await page.getByRole("menuitem", { name: "Stop all" }).click();
      await page.getByRole("button", { name: "Stop every plugin" }).click();
      await page.getByText(/\d+ stopped/).waitFor();
      expect(visitor.takeErrors()).toEqual([]);
    },
    MINUTE_MS,
  );

  test(
    "nothing that a plugin writes is more than text, on any page",
    async () => {
      await using visitor = await Visitor.arrive(server.address);
      await signIn(visitor);
      const { page } = visitor;
      await page.goto("/plugins/odd");
      await page.getByRole("button", { name: "Start", exact: true }).click();
      await page.getByText("has started").waitFor();
      for (const [path, words] of Object.entries(ODD_PAGES)) {
        await page.goto(path);
        await page.getByText(words, { exact: false }).first().waitFor();
        const strays = await page.locator("img, script:not([src]), iframe").count();
        expect({ path, strays, isOwned: (await page.title()) === "owned" }).toEqual({
          path,
          strays: 0,
          isOwned: false,
        });
        expect({ path, errors: visitor.takeErrors() }).toEqual({ path, errors: [] });
      }
    },
    MINUTE_MS,
  );

  test.each(Object.entries(WINDOWS))(
    "every tab is accessible in both themes, and fits: %s",
    async (_, window) => {
      await using visitor = await Visitor.arrive(server.address, window);
      await signIn(visitor);
      const { page } = visitor;
      for (const path of ["/plugins", ...TABS.map((tab) => `/plugins/weather?tab=${tab}`), NOBODY]) {
        await page.goto(path);
        await page.locator("bn-plugins-page .panel, bn-plugin-page .panel").first().waitFor();
        const faults = await visitor.findFaults();
        const errors = faults.errors.filter((text) => path !== NOBODY || !text.includes("404"));
        expect({ path, ...faults, errors }).toEqual({ path, ...FAULTLESS });
      }
    },
    2 * MINUTE_MS,
  );
});
