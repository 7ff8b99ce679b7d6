import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { appendFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { RunningBinary, Workspace } from "../support/binary.ts";
import { FAULTLESS, Visitor, WINDOWS } from "../support/browser.ts";
import { FAILURE, FAILURE_EVERY, untilTaken, writeShopLog } from "../support/log-lines.ts";
import { setUp, signIn } from "../support/sign-in.ts";
import { sized } from "../support/sizes.ts";

const MINUTE_MS = 60_000;
const LINES = sized(20_000, 1_000_000);
/** A line about the middle: other sources have lines between. */
const MIDDLE = sized(/number=(9|10)\d{3} /, /number=(49|50)\d{4} /);
/** Lines with everything that a page could take for something else. */
const ODD = [
  "\u001b[31mred alert\u001b[0m <img src=x onerror=alert(1)>",
  "turned \u202e round \u0007 bell",
  `long ${"word ".repeat(2_000)}`,
];
/** Rows drawn at once, whatever the log's length: a screen and a margin. */
const MOST_DRAWN = 80;

let workspace: Workspace;
let server: RunningBinary;

beforeAll(async () => {
  workspace = new Workspace();
  writeShopLog(workspace.file("shop.log"), LINES, Date.now());
  appendFileSync(workspace.file("odd.log"), `${ODD.join("\n")}\n`);
  appendFileSync(workspace.file("live.log"), "");
  const files = ["shop", "odd", "live"].map((name) => ({
    path: workspace.file(`${name}.log`),
    source: name,
  }));
  await Bun.write(workspace.file("binnacle.json"), JSON.stringify({ logs: { files } }));
  server = await RunningBinary.start(workspace.path, { args: ["--config", workspace.file("binnacle.json")] });
  await using visitor = await Visitor.arrive(server.address);
  await setUp(visitor, server);
  const cookies = await visitor.page.context().cookies();
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  await untilTaken(server.address, { cookie }, "shop", LINES);
}, 10 * MINUTE_MS);

afterAll(async () => {
  await server.end();
  workspace[Symbol.dispose]();
});

const listOf = (page: Page) => page.getByRole("listbox", { name: /Log lines/ });
const rowsOf = (page: Page) => page.locator("bn-log-list .row");
const lastRow = (page: Page) => rowsOf(page).last();
const detailOf = (page: Page) => page.locator("bn-log-detail");

async function openLogs(page: Page, path = "/logs"): Promise<void> {
  await page.goto(path);
  await rowsOf(page).first().waitFor();
}

describe("the log viewer", () => {
  test(
    "goes through all lines by wheel, keys and scrollbar, and draws only those in sight",
    async () => {
      await using visitor = await Visitor.arrive(server.address);
      await signIn(visitor);
      const { page } = visitor;
      await openLogs(page, "/logs?source=shop&range=6h");
      await page.getByText(`${LINES.toLocaleString("en-GB")} lines`).waitFor();
      await lastRow(page)
        .getByText(`number=${LINES - 1} `)
        .waitFor();
      await listOf(page).hover();
      for (let turn = 0; turn < 20; turn++) await page.mouse.wheel(0, -240);
      await page
        .getByRole("button", { name: "To the newest" })
        .or(rowsOf(page).getByText(`number=${LINES - 200} `))
        .first()
        .waitFor();
      expect(await rowsOf(page).count()).toBeLessThanOrEqual(MOST_DRAWN);

      await listOf(page).focus();
      await page.keyboard.press("Home");
      await rowsOf(page).getByText("number=0 ", { exact: false }).first().waitFor();
      for (let turn = 0; turn < 5; turn++) await page.keyboard.press("PageDown");
      await rowsOf(page).getByText("number=100 ", { exact: false }).first().waitFor();
      expect(await rowsOf(page).count()).toBeLessThanOrEqual(MOST_DRAWN);

      // What drawing the thumb to the middle does.
      await listOf(page).evaluate((scroller) => {
        scroller.scrollTop = (scroller.scrollHeight - scroller.clientHeight) / 2;
      });
      await rowsOf(page).getByText(MIDDLE).first().waitFor();
      await page.keyboard.press("End");
      await lastRow(page)
        .getByText(`number=${LINES - 1} `)
        .waitFor();
      expect(visitor.takeErrors()).toEqual([]);
    },
    3 * MINUTE_MS,
  );

  test(
    "finds words, marks them, shows what stood around a hit, and keeps all of it in the address",
    async () => {
      await using visitor = await Visitor.arrive(server.address);
      await signIn(visitor);
      const { page } = visitor;
      await openLogs(page, "/logs?range=6h");
      await page.locator("body").press("/");
      await page.keyboard.type('-healthz "connection reset"');
      await page.keyboard.press("Enter");
      await page.waitForURL(/[?&]q=/);
      await rowsOf(page).locator("mark", { hasText: "connection reset" }).first().waitFor();
      await page.getByRole("button", { name: "error", exact: true }).click();
      await page.waitForURL(/level=error/);
      await lastRow(page).getByText(FAILURE).click();
      const number = Math.floor((LINES - 1) / FAILURE_EVERY) * FAILURE_EVERY;
      await detailOf(page)
        .getByRole("row", { name: `number ${number}` })
        .waitFor();
      const around = detailOf(page).getByRole("list", { name: /Lines around it/ });
      await around.getByText(`/${number - 1} `).waitFor();
      expect(await around.getByRole("link").count()).toBe(11);
      await detailOf(page).getByRole("button", { name: "20 more before" }).click();
      await around.getByText(`/${number - 20} `).waitFor();

      const address = page.url();
      await page.reload();
      await detailOf(page)
        .getByRole("row", { name: `number ${number}` })
        .waitFor();
      const parametersOf = (url: string) => [...new URL(url).searchParams].sort();
      expect(parametersOf(page.url())).toEqual(parametersOf(address));
      expect(await page.getByLabel("Search log lines").inputValue()).toBe('-healthz "connection reset"');

      await detailOf(page).getByRole("link", { name: "Show it in the whole log" }).click();
      await rowsOf(page)
        .getByText(`number=${number - 1} `)
        .first()
        .waitFor();
      await rowsOf(page)
        .getByText(`number=${number + 1} `)
        .first()
        .waitFor();
      expect(await page.locator('.row[aria-selected="true"]').textContent()).toContain(FAILURE);
      await detailOf(page).getByRole("button", { name: `Only lines with this number` }).click();
      await page.waitForURL(new RegExp(`number%3D${number}`));
      await page.getByText("1 line", { exact: true }).waitFor();
      expect(visitor.takeErrors()).toEqual([]);
    },
    2 * MINUTE_MS,
  );

  test(
    "is gone through by keys alone",
    async () => {
      await using visitor = await Visitor.arrive(server.address);
      await signIn(visitor);
      const { page } = visitor;
      await page.locator("body").press("g");
      await page.keyboard.press("l");
      await page.getByRole("heading", { name: "Logs" }).waitFor();
      await openLogs(page, "/logs?source=shop&range=6h");
      await listOf(page).focus();
      for (const key of ["k", "k", "ArrowUp", "j", "Enter"]) await page.keyboard.press(key);
      await detailOf(page)
        .getByRole("row", { name: `number ${LINES - 2}` })
        .waitFor();
      await page.keyboard.press("k");
      await detailOf(page)
        .getByRole("row", { name: `number ${LINES - 3}` })
        .waitFor();
      await page.keyboard.press("Escape");
      await detailOf(page).waitFor({ state: "detached" });
      expect(visitor.takeErrors()).toEqual([]);
    },
    MINUTE_MS,
  );

  test(
    "follows the tail through a filter, counts what comes while one reads above, and goes back to it",
    async () => {
      await using visitor = await Visitor.arrive(server.address);
      await signIn(visitor);
      const { page } = visitor;
      await openLogs(page, "/logs?range=6h&source=shop&source=live&q=-skipped");
      await page.getByText("Live", { exact: true }).first().waitFor();
      const write = (text: string): void => appendFileSync(workspace.file("live.log"), `${text}\n`);
      write("first of the live ones");
      write("one to be skipped");
      await lastRow(page).getByText("first of the live ones").waitFor();
      expect(await rowsOf(page).getByText("skipped").count()).toBe(0);

      await listOf(page).focus();
      for (let turn = 0; turn < 3; turn++) await page.keyboard.press("PageUp");
      const topBefore = await rowsOf(page).nth(15).textContent();
      for (const n of [1, 2, 3]) write(`live while away ${n}`);
      const back = page.getByRole("button", { name: "3 new lines" });
      await back.waitFor();
      expect(await rowsOf(page).nth(15).textContent()).toBe(topBefore);
      await back.click();
      await lastRow(page).getByText("live while away 3").waitFor();
      await back.waitFor({ state: "detached" });

      write(`before ${"x".repeat(10)}`);
      await lastRow(page).getByText("before xxxxxxxxxx").waitFor();
      expect(visitor.takeErrors()).toEqual([]);
    },
    2 * MINUTE_MS,
  );

  test(
    "shows the lines of one request from a link or the field, whenever they were written",
    async () => {
      await using visitor = await Visitor.arrive(server.address);
      await signIn(visitor);
      const { page } = visitor;
      await page.goto("/events");
      await page.locator("bn-event-list a").filter({ hasText: "server.started" }).first().click();
      await page.getByRole("link", { name: "Its log lines" }).click();
      await page.waitForURL(/\/logs\?correlation=/);
      await page.getByText("in all that is kept").waitFor();
      await openLogs(page);
      await page.getByLabel("Correlation id").fill("order-7");
      await page.keyboard.press("Enter");
      await page.waitForURL(/correlation=order-7/);
      // Of a long log every answer looks through a part; the page goes on until it finds them.
      await rowsOf(page).getByText("number=70 ").waitFor({ timeout: MINUTE_MS });
      expect(await rowsOf(page).count()).toBe(10);
      await page.getByRole("button", { name: "Remove Correlation order-7" }).click();
      await page.waitForURL((url) => !url.search.includes("correlation"));
      expect(visitor.takeErrors()).toEqual([]);
    },
    2 * MINUTE_MS,
  );

  test(
    "zooms by a stretch drawn over the bars, and back",
    async () => {
      await using visitor = await Visitor.arrive(server.address);
      await signIn(visitor);
      const { page } = visitor;
      await openLogs(page, "/logs?source=shop&range=6h");
      const plot = page.getByRole("group", { name: /Lines over time/ });
      await page.getByText(`${LINES.toLocaleString("en-GB")} lines`).waitFor();
      const box = await plot.boundingBox();
      if (box === null) throw new Error("The bars are not in sight.");
      await page.mouse.move(box.x + box.width * 0.9, box.y + 30);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width - 2, box.y + 30, { steps: 4 });
      await page.mouse.up();
      await page.waitForURL(/from=\d+&to=\d+/);
      await page.getByText("Not live").waitFor();
      await plot.focus();
      await page.keyboard.press("Escape");
      await page.waitForURL(/range=6h/);
      expect(visitor.takeErrors()).toEqual([]);
    },
    MINUTE_MS,
  );

  test(
    "foreign text stays text: no markup, no terminal's colours, no turned direction; long lines wrap on demand",
    async () => {
      await using visitor = await Visitor.arrive(server.address);
      await signIn(visitor);
      const { page } = visitor;
      await openLogs(page, "/logs?source=odd&range=6h");
      const texts = (await rowsOf(page).allTextContents()).join("\n");
      expect(texts).toContain("red alert <img src=x onerror=alert(1)>");
      expect(texts).toContain("turned \\u202e round \\u0007 bell");
      expect(await page.locator("bn-log-list img").count()).toBe(0);
      const heightOf = async (): Promise<number> => (await lastRow(page).boundingBox())?.height ?? 0;
      const flat = await heightOf();
      await page.getByRole("button", { name: "View" }).click();
      await page.getByRole("menuitem", { name: /Wrap/ }).click();
      await page.waitForURL(/wrap=1/);
      expect(await heightOf()).toBeGreaterThan(flat * 10);
      await page.keyboard.press("Escape");
      expect(visitor.takeErrors()).toEqual([]);
    },
    MINUTE_MS,
  );

  test(
    "exports what fits, and an administrator sets the level of Binnacle's own log",
    async () => {
      await using visitor = await Visitor.arrive(server.address);
      await signIn(visitor);
      const { page } = visitor;
      await openLogs(page, "/logs?correlation=order-3");
      await page.getByRole("button", { name: "Export" }).click();
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("menuitem", { name: "As CSV" }).click(),
      ]);
      const rows = (await Bun.file(await download.path()).text()).trim().split("\r\n");
      expect([rows.length, download.suggestedFilename()]).toEqual([11, "binnacle-logs.csv"]);

      await page.goto("/logs?tab=store");
      await page.getByText(workspace.file("shop.log")).waitFor();
      await page.getByLabel("Binnacle writes").selectOption("warning");
      await page.getByText("Binnacle writes warning lines and above").waitFor();
      await page.reload();
      await expectValue(page, "warning");
      await page.getByRole("button", { name: "Follow a file" }).click();
      await page.getByLabel("Path").fill("/srv/a.log");
      const text = page.getByRole("region", { name: "Lines for the configuration file" });
      expect(await text.textContent()).toBe("logs:\n  files:\n    - path: /srv/a.log\n");
      expect(visitor.takeErrors()).toEqual([]);
    },
    MINUTE_MS,
  );

  test(
    "says what is wrong with a search, and what to do when nothing fits",
    async () => {
      await using visitor = await Visitor.arrive(server.address);
      await signIn(visitor);
      const { page } = visitor;
      await page.goto(`/logs?${new URLSearchParams({ q: "a ".repeat(30) })}`);
      await page.getByText("A search has at most 20 words or phrases.").waitFor();
      await page.goto("/logs?q=nothing-like-this-anywhere");
      await page.getByRole("link", { name: "Take all filters away" }).click();
      await rowsOf(page).first().waitFor();
    },
    MINUTE_MS,
  );

  test.each(Object.entries(WINDOWS))(
    "is accessible in both themes, and not wider than the window: %s",
    async (_, window) => {
      await using visitor = await Visitor.arrive(server.address, window);
      await signIn(visitor);
      const { page } = visitor;
      for (const path of [
        "/logs?range=6h&columns=source,fields,ids",
        "/logs?range=6h&q=connection&wrap=1",
        "/logs?tab=store",
      ]) {
        await page.goto(path);
        const content = path.includes("tab=") ? page.getByText("Who writes") : rowsOf(page).first();
        await content.waitFor();
        if (!path.includes("tab=")) {
          await page
            .getByText(/^[\d,]+ lines$/)
            .first()
            .waitFor();
          await lastRow(page).click();
          await detailOf(page).getByRole("list").waitFor();
        }
        expect({ path, ...(await visitor.findFaults()) }).toEqual({ path, ...FAULTLESS });
      }
      expect(visitor.foreignRequests).toEqual([]);
    },
    2 * MINUTE_MS,
  );
});

async function expectValue(page: Page, value: string): Promise<void> {
  await page.getByText("What is kept").waitFor();
  expect(await page.getByLabel("Binnacle writes").inputValue()).toBe(value);
}
