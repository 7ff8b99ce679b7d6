import { expect, test } from "bun:test";
import { Visitor } from "../support/browser.ts";
import { served } from "../support/served.ts";
import { setUp } from "../support/sign-in.ts";

const MINUTE_MS = 60_000;

const server = served();

test(
  "events appear as they happen, wait while paused, and are chosen by pattern",
  async () => {
    await using visitor = await Visitor.arrive(server().address);
    const { page } = visitor;
    await setUp(visitor, server());
    await page.goto("/events");
    const publish = async (type: string): Promise<void> => {
      await page.getByRole("button", { name: "Publish a test event" }).click();
      await page.getByLabel("Type", { exact: true }).fill(type);
      await page.getByRole("button", { name: "Publish", exact: true }).click();
      await page.getByText(`${type} was published`).waitFor();
    };
    const rows = (type: string) => page.locator("bn-event-list a").filter({ hasText: type });
    await page.getByText("Live", { exact: true }).waitFor();
    await publish("e2e.first");
    await rows("e2e.first").waitFor();

    await page.getByRole("button", { name: "Pause" }).click();
    await publish("e2e.second");
    await page.getByText("Paused · 1 new").waitFor();
    expect(await rows("e2e.second").count()).toBe(0);
    await page.getByRole("button", { name: "Follow" }).click();
    await rows("e2e.second").waitFor();

    await page.getByLabel("Patterns of types").fill("e2e.*");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/events?types=e2e.*");
    await rows("server.started").waitFor({ state: "detached" });
    await rows("e2e.first").focus();
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "e2e.second" }).waitFor();
    expect(await page.getByLabel("Payload").last().textContent()).toContain('"hello": "Binnacle"');
    await page.reload();
    await page.getByRole("heading", { name: "e2e.second" }).waitFor();
    expect(visitor.takeErrors()).toEqual([]);
  },
  2 * MINUTE_MS,
);
