import { describe, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { RunningBinary, Workspace } from "../support/binary.ts";
import { Visitor } from "../support/browser.ts";
import { setUp } from "../support/sign-in.ts";

const MINUTE_MS = 60_000;
const MOVE_LIMIT_MS = 20_000;
const POLL_MS = 200;

describe("from an empty folder to live charts", () => {
  test(
    "takes under a minute, with no console error and no request to another host",
    async () => {
      using workspace = new Workspace();
      const startedAt = performance.now();
      await using server = await RunningBinary.start(workspace.path);
      await using visitor = await Visitor.arrive(server.address);
      await setUp(visitor, server);
      const { page } = visitor;
      await page.locator("bn-chart canvas").first().waitFor();
      const before = await picture(page);
      await until(async () => (await picture(page)) !== before);
      const second = await picture(page);
      // Once more: the first change could be the history that arrived.
      await until(async () => (await picture(page)) !== second);
      expect(performance.now() - startedAt).toBeLessThan(MINUTE_MS);
      expect(visitor.takeErrors()).toEqual([]);
      expect(visitor.foreignRequests).toEqual([]);
    },
    2 * MINUTE_MS,
  );

  test(
    "the link works once",
    async () => {
      using workspace = new Workspace();
      await using server = await RunningBinary.start(workspace.path);
      await using first = await Visitor.arrive(server.address);
      await setUp(first, server);
      await using second = await Visitor.arrive(server.address);
      await second.page.goto(server.setupLink ?? "");
      await second.page.getByRole("heading", { name: "This server is set up" }).waitFor();
      await second.page.getByRole("link", { name: "Sign in" }).click();
      await second.page.getByRole("button", { name: "Sign in" }).waitFor();
      expect(second.takeErrors()).toEqual([]);
    },
    MINUTE_MS,
  );
});

/** What the first chart shows at this moment. */
const picture = (page: Page): Promise<string> =>
  page
    .locator("bn-chart canvas")
    .first()
    .evaluate((canvas) => (canvas instanceof HTMLCanvasElement ? canvas.toDataURL() : ""));

/** @throws Error when it does not come true in time. */
async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + MOVE_LIMIT_MS;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error("The chart did not move.");
    await Bun.sleep(POLL_MS);
  }
}
