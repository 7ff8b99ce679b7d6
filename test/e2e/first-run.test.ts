import { describe, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { RunningBinary, Workspace } from "../support/binary.ts";
import { Visitor } from "../support/browser.ts";
import { setUp } from "../support/sign-in.ts";

const MINUTE_MS = 60_000;
const MOVE_LIMIT_MS = 20_000;

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
      await untilMoved(page);
      // Once more: the first change could be the history that arrived.
      await untilMoved(page);
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

/** Waits until the first chart shows another picture, looking at each frame. @throws Error when it does not in time. */
async function untilMoved(page: Page): Promise<void> {
  const deadline = performance.now() + MOVE_LIMIT_MS;
  const before = await pictureOf(page);
  while ((await pictureOf(page)) === before) {
    if (performance.now() > deadline) throw new Error(`The chart stood still for ${MOVE_LIMIT_MS} ms.`);
  }
}

/** What the first chart shows at the next frame; each look finds it anew, for a chart of other lines has another canvas. */
const pictureOf = (page: Page): Promise<string> =>
  page
    .locator("bn-chart canvas")
    .first()
    .evaluate(
      (canvas) =>
        new Promise((resolve) =>
          requestAnimationFrame(() => resolve((canvas as HTMLCanvasElement).toDataURL())),
        ),
    );
