import { expect, test } from "bun:test";
import { Visitor } from "../support/browser.ts";
import { served } from "../support/served.ts";
import { ADMIN, setUp } from "../support/sign-in.ts";

const MINUTE_MS = 60_000;

const server = served();

test(
  "what a person chooses counts at once, and in every browser they sign in with",
  async () => {
    await using visitor = await Visitor.arrive(server().address);
    const { page } = visitor;
    await setUp(visitor, server());
    await page.goto("/account");
    await page.getByRole("radio", { name: "Light" }).check();
    await page.locator("html[data-theme=light]").waitFor();
    await page.getByLabel("Time zone").fill("Mars/Olympus_Mons");
    await page.getByLabel("Time zone").press("Enter");
    await page.getByText("is not a time zone").waitFor();
    expect(visitor.takeErrors().every((error) => error.includes("422"))).toBe(true);
    await page.getByLabel("Time zone").fill("Asia/Tokyo");
    await page.getByLabel("Time zone").press("Enter");
    await page.getByText("is not a time zone").waitFor({ state: "detached" });
    await page.getByRole("radio", { name: "kB of 1,000 bytes" }).check();
    await page.getByLabel("Start page").selectOption({ label: "Events" });
    await page.reload();
    expect(await page.getByLabel("Start page").inputValue()).toBe("/events");
    expect(await visitor.findInaccessible()).toEqual([]);

    await using other = await Visitor.arrive(server().address, { theme: "dark", width: 390, height: 844 });
    await other.page.goto("/sign-in");
    await other.page.getByLabel("Name").fill(ADMIN.name);
    await other.page.getByLabel("Password").fill(ADMIN.password);
    await other.page.getByRole("button", { name: "Sign in" }).click();
    await other.page.waitForURL("**/events");
    await other.page.locator("html[data-theme=light]").waitFor();
    const row = other.page.locator("bn-event-list a").filter({ hasText: "server.started" }).first();
    await row.click();
    const shown = other.page.locator("bn-event-detail time").first();
    const at = Date.parse((await shown.getAttribute("datetime")) ?? "");
    const inTokyo = new Intl.DateTimeFormat("en-GB", {
      dateStyle: "medium",
      timeStyle: "medium",
      timeZone: "Asia/Tokyo",
    });
    expect(await shown.textContent()).toBe(inTokyo.format(at));
    await other.page.goto("/?range=1h");
    await other.page.locator("bn-metric-card").filter({ hasText: "GB" }).first().waitFor();
    expect(await other.page.getByText(/[KMGT]iB/).count()).toBe(0);

    // The key for the theme writes it too, and the overview is where a reload stays.
    await page.goto("/?range=1h");
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await page.keyboard.press("t");
    await page.locator("html:not([data-theme])").waitFor();
    await other.page.goto("/account");
    await other.page.locator("html:not([data-theme])").waitFor();
    await page.goto("/");
    await page.waitForURL("**/events");
    expect(visitor.takeErrors()).toEqual([]);
    expect(other.takeErrors()).toEqual([]);
  },
  2 * MINUTE_MS,
);
