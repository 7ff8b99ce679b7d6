import { expect, test } from "bun:test";
import { Visitor } from "../support/browser.ts";
import { served } from "../support/served.ts";
import { setUp } from "../support/sign-in.ts";

const MINUTE_MS = 60_000;
const server = served();

test.each(["/docs", "/redoc"])(
  "%s shows every route from this server's own files alone",
  async (path) => {
    await using visitor = await Visitor.arrive(server().address);
    const { page } = visitor;
    await page.goto(path);
    await page.getByRole("heading", { name: "Binnacle" }).first().waitFor();
    await page.getByText("Exchange a plugin's process without dropping a call").first().waitFor();
    await page.waitForLoadState("networkidle");
    expect(visitor.takeErrors()).toEqual([]);
    expect(visitor.foreignRequests).toEqual([]);
  },
  2 * MINUTE_MS,
);

test(
  "the explorer knows the schema and answers a query, from this server's own files alone",
  async () => {
    await using visitor = await Visitor.arrive(server().address);
    const { page } = visitor;
    await setUp(visitor, server());
    await page.goto("/graphql?query={systemStatus{loggerEnabled}}");
    await page.getByRole("button", { name: /Execute query/ }).click();
    await page.getByText('"loggerEnabled"').waitFor();
    await page.getByRole("button", { name: /Show Documentation Explorer/i }).click();
    await page.getByText("Query", { exact: true }).first().waitFor();
    await page.waitForLoadState("networkidle");
    expect(visitor.takeErrors()).toEqual([]);
    expect(visitor.foreignRequests).toEqual([]);
  },
  2 * MINUTE_MS,
);
