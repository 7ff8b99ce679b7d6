import { describe, expect, test } from "bun:test";
import { RunningBinary, Workspace } from "../support/binary.ts";
import { Visitor } from "../support/browser.ts";
import { setUp } from "../support/sign-in.ts";

const MINUTE_MS = 60_000;
const MOVE_LIMIT_MS = 30_000;

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
      const chart = page.locator("bn-chart canvas").first();
      await chart.waitFor();
      const before = await chart.evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
      // The chart is drawn again for each sample that arrives on the live socket.
      await page.waitForFunction(
        ({ canvas, drawn }) => canvas instanceof HTMLCanvasElement && canvas.toDataURL() !== drawn,
        { canvas: await chart.elementHandle(), drawn: before },
        { timeout: MOVE_LIMIT_MS, polling: 250 },
      );
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
