import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { RunningBinary, Workspace } from "../support/binary.ts";
import { Visitor } from "../support/browser.ts";
import { setUp, signIn } from "../support/sign-in.ts";

const MINUTE_MS = 60_000;
/** The request that fails. */
const REQUEST = "order-4711";
/** One that fails in the same way. */
const OTHER = "order-4712";
const TAX = `import { definePlugin } from "binnacle";
export default definePlugin({
  execute: (input, ctx) => {
    ctx.logger.warning("no rate for " + input);
    throw new Error("the tax table has a hole");
  },
});
`;

let workspace: Workspace;
let server: RunningBinary;

beforeAll(async () => {
  workspace = new Workspace();
  mkdirSync(workspace.file("data/plugins"), { recursive: true, mode: 0o700 });
  writeFileSync(workspace.file("data/plugins/tax.ts"), TAX);
  server = await RunningBinary.start(workspace.path);
  await using visitor = await Visitor.arrive(server.address);
  await setUp(visitor, server);
}, MINUTE_MS);

afterAll(async () => {
  await server.end();
  workspace[Symbol.dispose]();
});

describe("an error that happened", () => {
  test(
    "leads from the Errors page to what was logged within its request, and to nothing else",
    async () => {
      await using visitor = await Visitor.arrive(server.address);
      await signIn(visitor);
      const { page } = visitor;
      const call = (id: string) =>
        page.evaluate(async (correlationId) => {
          const headers = {
            "content-type": "application/json",
            "x-binnacle-csrf": "1",
            "x-correlation-id": correlationId,
          };
          const body = JSON.stringify({ name: "tax", input: correlationId });
          return (await fetch("/api/v3/plugins/execute", { method: "POST", headers, body })).status;
        }, id);
      expect([await call(REQUEST), await call(OTHER)]).toEqual([500, 500]);
      visitor.takeErrors();

      await page.goto("/errors");
      const found = page.getByRole("link", { name: /the tax table has a hole/ }).first();
      // Failures are written every few seconds; the page asks when it is opened.
      const nothing = page.getByText(/^(No failure in|Nothing is open)/);
      await found.or(nothing).first().waitFor();
      while ((await found.count()) === 0) {
        await page.reload();
        await found.or(nothing).first().waitFor();
      }
      await found.click();
      await page.getByRole("link", { name: REQUEST }).click();
      await page.waitForURL(new RegExp(`/logs\\?correlation=${REQUEST}`));
      await page.getByText("in all that is kept").waitFor();
      const rows = page.locator("bn-log-list .row");
      const said = rows.getByText(/A request failed/);
      await said.waitFor();
      expect((await rows.allTextContents()).join("\n")).not.toContain(OTHER);

      await said.click();
      const links = page.locator("bn-log-detail");
      expect(await links.getByText(REQUEST).first().textContent()).toBe(REQUEST);
      await links.getByRole("link", { name: "Its events" }).click();
      await page.waitForURL(new RegExp(`/events\\?.*correlation=${REQUEST}`));
      await page.getByText(`Request ${REQUEST}`).waitFor();
      expect(visitor.takeErrors()).toEqual([]);
    },
    2 * MINUTE_MS,
  );
});
