import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { RunningBinary, Workspace } from "../support/binary.ts";
import { Visitor } from "../support/browser.ts";
import { ADMIN, setUp, signIn } from "../support/sign-in.ts";

const MINUTE_MS = 60_000;
/** More presses than any page has things to focus. */
const MAX_TABS = 60;
const SECOND_USER = { name: "bob", password: "another long pass phrase" } as const;

describe("a person at the dashboard", () => {
  let workspace: Workspace;
  let server: RunningBinary;
  let visitor: Visitor;

  beforeAll(async () => {
    workspace = new Workspace();
    server = await RunningBinary.start(workspace.path, { env: { BINNACLE_METRICS__INTERVAL_SECONDS: "1" } });
    visitor = await Visitor.arrive(server.address);
    await setUp(visitor, server);
  });
  afterAll(async () => {
    await visitor[Symbol.asyncDispose]();
    await server.end();
    workspace[Symbol.dispose]();
  });

  test(
    "picks series by keyboard, sees them drawn, and can send the address to somebody",
    async () => {
      const { page } = visitor;
      await page.keyboard.press("g");
      await page.keyboard.press("m");
      await page.getByRole("heading", { name: "Metrics" }).waitFor();
      await page.getByPlaceholder("Search series").focus();
      await page.keyboard.type("memory used");
      await tabTo(page, "input[type=checkbox]", /^memory_used_percent$/);
      await page.keyboard.press("Space");
      await page.waitForURL(/series=memory_used_percent/);
      await page.locator("bn-chart canvas").first().waitFor();
      await page.reload();
      await page.locator("bn-chart canvas").first().waitFor();
      expect(new URL(page.url()).searchParams.getAll("series")).toEqual(["memory_used_percent"]);
      expect(visitor.takeErrors()).toEqual([]);
    },
    MINUTE_MS,
  );

  test(
    "adds a user by keyboard alone, who can sign in and sees less",
    async () => {
      const { page } = visitor;
      await page.keyboard.press("Control+k");
      await page.keyboard.type("users");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Users and tokens" }).waitFor();
      await tabTo(page, "button", /^add a user$/i);
      await page.keyboard.press("Enter");
      await page.getByRole("dialog", { name: "Add a user" }).waitFor();
      await page.keyboard.type(SECOND_USER.name);
      await page.keyboard.press("Tab");
      await page.keyboard.press("Tab");
      await page.keyboard.type(SECOND_USER.password);
      await page.keyboard.press("Enter");
      await page.getByRole("rowheader", { name: SECOND_USER.name }).waitFor();
      expect(visitor.takeErrors()).toEqual([]);

      await using second = await Visitor.arrive(server.address);
      await signIn(second, SECOND_USER);
      await second.page.goto("/users");
      await second.page.getByRole("heading", { name: "Users and tokens" }).waitFor();
      expect(await second.page.getByRole("button", { name: "Add a user" }).count()).toBe(0);
    },
    MINUTE_MS,
  );

  test(
    "makes a token that works, revokes it, and it works no more",
    async () => {
      const { page } = visitor;
      await page.goto("/users?tab=tokens");
      await page.getByRole("button", { name: "Create a token" }).click();
      await page.getByRole("textbox", { name: "Name" }).fill("deploy");
      await page.getByRole("checkbox", { name: /^Everything/ }).check();
      await page.getByRole("button", { name: "Create token" }).click();
      const token = (await page.getByRole("textbox", { name: "Token" }).textContent())?.trim() ?? "";
      const asked = () =>
        fetch(`${server.address}/api/v3/system`, { headers: { authorization: `Bearer ${token}` } });
      expect((await asked()).status).toBe(200);
      await page.getByRole("button", { name: "I have it" }).click();
      await page.getByRole("button", { name: "Revoke" }).first().click();
      await page
        .locator("bn-confirmation")
        .getByRole("button", { name: /revoke/i })
        .click();
      await page.getByRole("rowheader", { name: "deploy" }).waitFor({ state: "detached" });
      expect((await asked()).status).toBe(401);
      expect(visitor.takeErrors()).toEqual([]);
    },
    MINUTE_MS,
  );

  test(
    "signs out, and back in by keyboard; a wrong password says so and does not say which half",
    async () => {
      await using guest = await Visitor.arrive(server.address);
      const { page } = guest;
      await page.goto("/users");
      await page.getByRole("button", { name: "Sign in" }).waitFor();
      await tabTo(page, "input", /^Name$/);
      await page.keyboard.type(ADMIN.name);
      await page.keyboard.press("Tab");
      await page.keyboard.type("not the password");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").getByText("Name or password is wrong").waitFor();
      guest.takeErrors(); // the browser reports the 401 by itself
      await page.getByLabel("Password").fill(ADMIN.password);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Users and tokens" }).waitFor();
      // What is still asked for when the session ends is refused, as the browser reports.
      await page.waitForLoadState("networkidle");
      await page.keyboard.press("Control+k");
      await page.keyboard.type("sign out");
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Sign in" }).waitFor();
      expect(guest.takeErrors()).toEqual([]);
    },
    MINUTE_MS,
  );

  test(
    "sees at once when the connection is lost, and it heals without a reload",
    async () => {
      const { page } = visitor;
      await page.goto("/");
      await page.getByText(/^Live/).first().waitFor();
      const { port } = new URL(server.address);
      await server.end("SIGKILL");
      await page
        .getByText(/Reconnecting|Connection lost|Offline/i)
        .first()
        .waitFor();
      server = await RunningBinary.start(workspace.path, { args: ["--port", port] });
      await page.getByText(/^Live/).first().waitFor();
    },
    MINUTE_MS,
  );
});

/** Presses Tab until an element like that, named like that, has the focus. @throws Error when none gets it. */
async function tabTo(page: Page, selector: string, name: RegExp): Promise<void> {
  for (let press = 0; press < MAX_TABS; press++) {
    const focused = await page.evaluate((wanted) => {
      let element = document.activeElement;
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
      if (!element?.matches(wanted)) return undefined;
      const label = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : undefined;
      const field = element.closest("bn-field")?.getAttribute("label");
      return (field ?? label ?? element.getAttribute("aria-label") ?? element.textContent ?? "").trim();
    }, selector);
    if (focused !== undefined && name.test(focused)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Nothing named ${name} can be reached with the Tab key.`);
}
