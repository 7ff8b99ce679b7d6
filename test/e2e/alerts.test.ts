import { beforeAll, describe, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { runBinary } from "../support/binary.ts";
import { FAULTLESS, Visitor, WINDOWS } from "../support/browser.ts";
import { served } from "../support/served.ts";
import { setUp, signIn } from "../support/sign-in.ts";

const MINUTE_MS = 60_000;

const server = served({ env: { BINNACLE_METRICS__INTERVAL_SECONDS: "1" } });
beforeAll(async () => {
  await using visitor = await Visitor.arrive(server().address);
  await setUp(visitor, server());
}, MINUTE_MS);

/** Raises an alert as a script does, outside the browser. */
async function raise(type: string, severity: string, message: string): Promise<void> {
  const { exitCode, stderr } = await runBinary(["alert", "trigger", type, severity, message], {
    cwd: server().folder,
    env: { BINNACLE_DATA: "data" },
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
}

const row = (page: Page, message: string) => page.locator("bn-table tbody tr").filter({ hasText: message });
const doTo = async (page: Page, message: string, verb: string): Promise<void> => {
  await page.getByRole("button", { name: `What to do about ${message}` }).click();
  await page.getByRole("menuitem", { name: verb, exact: true }).click();
};

describe("alerts", () => {
  test(
    "appear as they are raised; acknowledged with a note, muted, resolved and taken back, each in the timeline",
    async () => {
      await using visitor = await Visitor.arrive(server().address);
      const { page } = visitor;
      await signIn(visitor);
      await page.goto("/alerts");
      await page.getByText("Nothing is open").waitFor();
      await raise("e2e_disk", "HIGH", "sda is full");
      await row(page, "sda is full").getByText("Firing").waitFor();

      await doTo(page, "sda is full", "Acknowledge");
      await page.getByLabel("Note (optional)").fill("on it");
      await page.getByRole("button", { name: "Acknowledge", exact: true }).click();
      await row(page, "sda is full").getByText("Acknowledged").waitFor();
      await row(page, "sda is full").getByText("ann").waitFor();

      await doTo(page, "sda is full", "Mute");
      await page.getByLabel("8 h").check();
      await page.getByRole("button", { name: "Mute", exact: true }).click();
      await row(page, "sda is full").getByText("muted, ends").waitFor();
      await page.getByRole("button", { name: "Undo" }).last().click();
      await row(page, "sda is full").getByText("Firing").waitFor();

      await doTo(page, "sda is full", "Resolve");
      await page.getByRole("button", { name: "Resolve", exact: true }).click();
      await page.getByText("Nothing is open").waitFor();
      await page.getByRole("button", { name: "Undo" }).last().click();
      await row(page, "sda is full").getByText("Firing").waitFor();

      await page.getByRole("link", { name: "sda is full" }).click();
      await page.getByRole("heading", { name: "sda is full" }).waitFor();
      await page.locator("bn-alert-course").getByText("on it").waitFor();
      expect(await page.locator("bn-alert-course li bn-status").allInnerTexts()).toEqual([
        "Firing",
        "Resolved",
        "Firing",
        "Muted",
        "Acknowledged",
        "Firing",
      ]);
      await page.getByText("Nobody:").waitFor();
      await page.getByRole("button", { name: "Resolve", exact: true }).click();
      await page.locator("bn-verb-dialog").getByRole("button", { name: "Resolve", exact: true }).click();
      await page.getByRole("button", { name: "Reopen" }).waitFor();
      expect(visitor.takeErrors()).toEqual([]);
    },
    2 * MINUTE_MS,
  );

  test(
    "several are chosen and resolved at once; filters stand in the address",
    async () => {
      await using visitor = await Visitor.arrive(server().address);
      const { page } = visitor;
      await signIn(visitor);
      for (const name of ["one", "two", "three"]) await raise("e2e_many", "MEDIUM", `many ${name}`);
      await page.goto("/alerts?severity=medium&type=e2e_many");
      await row(page, "many three").waitFor();
      await page.getByLabel("Search alerts").fill("two");
      await page.keyboard.press("Enter");
      await page.waitForURL("**/alerts?severity=medium&type=e2e_many&q=two");
      await row(page, "many one").waitFor({ state: "detached" });
      await page.goto("/alerts?type=e2e_many");
      await page.getByLabel("Choose many one").check();
      await page.getByRole("button", { name: "Choose all 3" }).click();
      await page.getByText("3 chosen").waitFor();
      await page.getByRole("button", { name: "Resolve", exact: true }).click();
      await page.locator("bn-verb-dialog").getByRole("button", { name: "Resolve", exact: true }).click();
      await page.getByText("3 alerts: resolved").waitFor();
      await page.getByText("No alert fits this filter").waitFor();
      await page.goto("/alerts?type=e2e_many&state=resolved");
      await page.getByText("3 alerts", { exact: true }).waitFor();
      expect(visitor.takeErrors()).toEqual([]);
    },
    2 * MINUTE_MS,
  );

  test(
    "what fires stands on the Overview with its band, acknowledged there in one click",
    async () => {
      await using visitor = await Visitor.arrive(server().address);
      const { page } = visitor;
      await signIn(visitor);
      await raise("e2e_backup", "CRITICAL", "the backup failed");
      const item = page.locator("bn-attention-panel li").filter({ hasText: "the backup failed" });
      await item.getByText("Alarm").waitFor();
      expect(await page.locator("#favicon").getAttribute("href")).toBe("/favicon-alarm.svg");
      await page.locator("bn-alert-timeline").getByRole("link", { name: "e2e_backup" }).waitFor();
      await item.getByRole("button", { name: "Acknowledge" }).click();
      await item.waitFor({ state: "detached" });
      await page.goto("/alerts?state=acknowledged");
      await row(page, "the backup failed").waitFor();
      expect(visitor.takeErrors()).toEqual([]);
    },
    2 * MINUTE_MS,
  );

  test(
    "by keyboard alone: from row to row, to an alert, its verb, and its dialog",
    async () => {
      await using visitor = await Visitor.arrive(server().address);
      const { page } = visitor;
      await signIn(visitor);
      for (const name of ["first", "second"]) await raise("e2e_keys", "LOW", `keys ${name}`);
      await page.goto("/alerts?type=e2e_keys");
      await page.getByRole("link", { name: "keys second" }).focus();
      await page.keyboard.press("ArrowDown");
      expect(
        await page.getByRole("link", { name: "keys first" }).evaluate((link) => link.matches(":focus")),
      ).toBe(true);
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.keyboard.press("Enter");
      await page.getByRole("dialog", { name: "Acknowledge this alert" }).waitFor();
      await page.keyboard.type("by keys");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await row(page, "keys first").getByText("Acknowledged").waitFor();
      expect(visitor.takeErrors()).toEqual([]);
    },
    2 * MINUTE_MS,
  );
});

describe("a rule", () => {
  test(
    "is made from its preview, tells what is wrong beside the field, fires, and is removed with its alert",
    async () => {
      await using visitor = await Visitor.arrive(server().address);
      const { page } = visitor;
      await signIn(visitor);
      await page.goto("/alerts?tab=rules");
      await page.getByRole("link", { name: "New rule" }).click();
      await page.getByLabel("Search series").fill("memory_used_percent");
      await page.getByLabel("memory_used_percent", { exact: true }).check();
      await page.locator("bn-series-history canvas").waitFor();
      expect(await page.getByLabel("Metric", { exact: true }).inputValue()).toBe("memory_used_percent");
      await page.getByLabel("Name", { exact: true }).fill("Memory above nothing");
      await page.getByLabel("Type of alert").fill("e2e_memory");
      await page.getByLabel("Limit", { exact: true }).fill("many");
      await page.getByText("Limit must be a number").waitFor();
      await page.getByLabel("Limit", { exact: true }).fill("0");
      await page.getByLabel("Over once it is back at (optional)").fill("5");
      await page.getByText("must be at or below the limit").waitFor();
      await page.getByRole("button", { name: "Save" }).click();
      expect(page.url()).toContain("rule=new");
      await page.getByLabel("Over once it is back at (optional)").fill("");
      await page.getByText("Would have fired once in the last hour").waitFor();
      expect(await visitor.findInaccessible()).toEqual([]);
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("The rule Memory above nothing is saved").waitFor();
      const rule = row(page, "Memory above nothing");
      await rule.getByText("1 open").waitFor();

      await page.goto("/alerts?type=e2e_memory");
      await page.getByRole("link", { name: /Memory above nothing/ }).click();
      await page.locator("bn-series-history canvas").waitFor();
      await page.getByRole("link", { name: "Memory above nothing" }).click();
      expect(await page.getByLabel("Limit", { exact: true }).inputValue()).toBe("0");
      await page.getByRole("button", { name: "Close" }).click();
      await page.getByRole("button", { name: "What to do with Memory above nothing" }).click();
      await page.getByRole("menuitem", { name: "Remove" }).click();
      await page.getByText("Its open alert is resolved").waitFor();
      await page.getByRole("button", { name: "Remove the rule" }).click();
      await rule.waitFor({ state: "detached" });
      await page.goto("/alerts?type=e2e_memory&state=resolved");
      await page.getByText("1 alert", { exact: true }).waitFor();
      expect(visitor.takeErrors()).toEqual([]);
    },
    2 * MINUTE_MS,
  );

  test(
    "that the server refuses says why, and what was typed stays",
    async () => {
      await using visitor = await Visitor.arrive(server().address);
      const { page } = visitor;
      await signIn(visitor);
      await page.goto("/alerts?tab=rules&rule=new");
      await page.getByLabel("Name", { exact: true }).fill("Alerts of alerts");
      await page
        .getByLabel("Fires when", { exact: true })
        .selectOption({ label: "Something happens (an event)" });
      await page.getByLabel("Events", { exact: true }).fill("Alert raised");
      await page.getByText("must be lower-case words joined by dots").waitFor();
      await page.getByLabel("Events", { exact: true }).fill("alert.raised");
      await page.getByLabel("Type of alert").fill("loop");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("must not match what alerts tell of themselves").waitFor();
      expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("Alerts of alerts");
      visitor.takeErrors();
    },
    2 * MINUTE_MS,
  );
});

describe("who is told", () => {
  test(
    "a channel is chosen and tested with the exact answer, a route leads to it, a window keeps it quiet",
    async () => {
      await using visitor = await Visitor.arrive(server().address);
      const { page } = visitor;
      await signIn(visitor);
      await page.goto("/alerts?tab=routing");
      await page.getByText("Nobody is told yet").waitFor();
      await page.getByRole("link", { name: /Webhook/ }).click();
      await page.getByLabel("Name", { exact: true }).fill("Ops");
      await page.getByLabel("Line for each alert (optional)").fill("{{severty}}");
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await page.getByText("{{severty}} is unknown").waitFor();
      await page.getByLabel("Line for each alert (optional)").fill("");
      await page.getByLabel(/^Address/).fill("http://127.0.0.1:9/ops");
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await page.getByText("The channel Ops is saved").waitFor();
      await page.waitForURL(/edit=channel(:|%3A)(?!new)/);
      // What the plugin's own form holds is still there to be saved.
      expect(await page.getByLabel(/^Address/).inputValue()).toBe("http://127.0.0.1:9/ops");
      await page.getByRole("button", { name: "Send test" }).click();
      await page.locator("bn-channel-editor bn-error").getByRole("alert").waitFor();
      visitor.takeErrors();
      await page.getByRole("button", { name: "Tell Ops of what is high or critical" }).click();
      await page.getByText("Ops is told of what is high or critical").waitFor();
      await page.locator("bn-route-offer").waitFor({ state: "detached" });

      await page.goto("/alerts?tab=routing");
      await page.getByText("high or critical, if no other route takes it → Ops").waitFor();
      await page.getByRole("link", { name: "New route" }).click();
      await page.getByLabel("Name", { exact: true }).fill("Everything bad");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("needs at least one entry").waitFor();
      await page.getByLabel("Ops", { exact: true }).first().check();
      await page.getByLabel("Critical", { exact: true }).check();
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("critical → Ops").waitFor();
      await page.getByRole("link", { name: "High and worse" }).click();
      expect(await page.getByLabel("Only what no other route takes").isChecked()).toBe(true);
      await page.getByRole("button", { name: "Close" }).click();

      await page.getByRole("link", { name: "New window" }).click();
      await page.getByLabel("Name", { exact: true }).fill("Sundays");
      await page.getByLabel("Open", { exact: true }).selectOption({ label: "On some days of the week" });
      await page.getByLabel("Sunday", { exact: true }).check();
      const open = page.getByLabel("Open", { exact: true });
      expect(await open.locator("option:checked").textContent()).toBe("On some days of the week");
      await page.getByLabel("Opens at", { exact: true }).fill("02:00");
      await page.getByLabel("Closes at", { exact: true }).fill("02:00");
      await page.getByText("must be another time than the opening").waitFor();
      await page.getByLabel("Closes at", { exact: true }).fill("04:00");
      await page.getByLabel("Time zone of these hours").fill("Mars/Olympus");
      await page.getByText("must be a time zone, like Europe/Berlin").waitFor();
      await page.getByLabel("Time zone of these hours").fill("Europe/Berlin");
      expect(await visitor.findInaccessible()).toEqual([]);
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("Every Sunday 02:00–04:00, Europe/Berlin").waitFor();
      await page.getByRole("link", { name: "Sundays" }).click();
      expect(await page.getByLabel("Closes at", { exact: true }).inputValue()).toBe("04:00");
      expect(await page.getByLabel("Sunday", { exact: true }).isChecked()).toBe(true);
      await page.getByRole("button", { name: "Close" }).click();

      await page.getByRole("link", { name: "New window" }).click();
      await page.getByLabel("Name", { exact: true }).fill("Upgrade");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByRole("link", { name: "Upgrade", exact: true }).waitFor();
      await raise("e2e_quiet", "CRITICAL", "kept back");
      await page.goto("/alerts?type=e2e_quiet");
      await page.getByRole("link", { name: "kept back" }).click();
      await page.getByText(/is to be told|a maintenance window is open/).waitFor();
      expect(visitor.takeErrors()).toEqual([]);
    },
    2 * MINUTE_MS,
  );
});

describe("every part", () => {
  test.each(Object.entries(WINDOWS))(
    "is accessible with content, in both themes: %s",
    async (_, window) => {
      await using visitor = await Visitor.arrive(server().address, window);
      const { page } = visitor;
      await signIn(visitor);
      await raise("e2e_look", "HIGH", "a look at everything");
      await page.goto("/alerts?type=e2e_look");
      const alert = page.getByRole("link", { name: "a look at everything" });
      await alert.waitFor();
      const parts = {
        "/alerts?type=e2e_look": "bn-named-cell",
        [(await alert.getAttribute("href")) ?? ""]: "bn-alert-course li",
        "/alerts?tab=routing": "bn-routing-list li",
        "/alerts?tab=summary": "bn-alert-timeline li",
        "/": "bn-alert-timeline li",
      };
      for (const [path, content] of Object.entries(parts)) {
        await page.goto(path);
        await page.locator(content).first().waitFor();
        expect({ path, ...(await visitor.findFaults()) }).toEqual({ path, ...FAULTLESS });
      }
    },
    2 * MINUTE_MS,
  );
});
