import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { appendFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { runBinary, Workspace } from "../support/binary.ts";
import { Visitor } from "../support/browser.ts";
import { served } from "../support/served.ts";
import { ADMIN, setUp, signIn } from "../support/sign-in.ts";
import { SilentProxy } from "../support/silent-proxy.ts";

const MINUTE_MS = 60_000;
/** Longer than a line may be silent: until it is asked, and until it should have answered. */
const ASKED_MS = 10_500;
const GIVEN_UP_MS = 5_500;
/** Longer than any wait between two attempts, and than a request may take. */
const RETRY_MS = 20_500;

const followed = new Workspace();
const LOG = followed.file("live.log");
appendFileSync(LOG, "the first line\n");
afterAll(() => followed[Symbol.dispose]());

const server = served({
  env: {
    BINNACLE_METRICS__INTERVAL_SECONDS: "1",
    BINNACLE_LOGS__FILES: JSON.stringify([{ path: LOG, source: "live" }]),
  },
});
beforeAll(async () => {
  await using visitor = await Visitor.arrive(server().address);
  await setUp(visitor, server());
}, MINUTE_MS);

/** Something that happens on the server while nobody hears of it. */
async function raise(message: string): Promise<void> {
  const { exitCode, stderr } = await runBinary(["alert", "trigger", "e2e_silence", "HIGH", message], {
    cwd: server().folder,
    env: { BINNACLE_DATA: "data" },
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
}

/** A visitor whose page's time the test moves on, behind a network that it silences. */
async function arrive(): Promise<{ network: SilentProxy; visitor: Visitor } & AsyncDisposable> {
  const network = await SilentProxy.before(server().address);
  const visitor = await Visitor.arrive(network.address);
  await visitor.page.clock.install();
  await signIn(visitor);
  return {
    network,
    visitor,
    async [Symbol.asyncDispose]() {
      await visitor[Symbol.asyncDispose]();
      await network[Symbol.asyncDispose]();
    },
  };
}

async function untilGivenUp(page: Page): Promise<void> {
  await page.clock.fastForward(ASKED_MS);
  await page.clock.fastForward(GIVEN_UP_MS);
}

describe("a network that goes silent", () => {
  let raised = 0;
  let message: string;
  beforeEach(() => {
    raised += 1;
    message = `disk ${raised} is full`;
  });

  test(
    "is noticed though no connection was closed; alerts of the meantime are there once it is back",
    async () => {
      await using guest = await arrive();
      const { page } = guest.visitor;
      await page.goto("/alerts");
      await page.getByText("Nothing is open").waitFor();
      guest.network.goSilent();
      await untilGivenUp(page);
      await page.getByText("Lost · reconnecting").waitFor();
      await raise(message);
      guest.network.heal();
      await page.clock.fastForward(RETRY_MS);
      await page.locator("bn-table tbody tr").filter({ hasText: message }).waitFor();
      await page.getByText("Lost · reconnecting").waitFor({ state: "detached" });
      await page.getByRole("link", { name: "Alerts 1 open" }).waitFor();
    },
    MINUTE_MS,
  );

  test(
    "leaves no gap in the events that are followed",
    async () => {
      await using guest = await arrive();
      const { page } = guest.visitor;
      await page.goto("/events");
      await page.getByText("Live", { exact: true }).waitFor();
      guest.network.goSilent();
      await untilGivenUp(page);
      await page.getByText("Reconnecting", { exact: true }).waitFor();
      await raise(message);
      guest.network.heal();
      await page.clock.fastForward(RETRY_MS);
      await page.getByText(message).first().waitFor();
      await page.getByText("Live", { exact: true }).waitFor();
    },
    MINUTE_MS,
  );

  test(
    "leaves no gap in the log that is followed",
    async () => {
      await using guest = await arrive();
      const { page } = guest.visitor;
      await page.goto("/logs?source=live&range=6h");
      await page.getByText("the first line").waitFor();
      await page.getByText("Live", { exact: true }).waitFor();
      guest.network.goSilent();
      await untilGivenUp(page);
      await page.getByText("Reconnecting", { exact: true }).waitFor();
      appendFileSync(LOG, `${message}\n`);
      guest.network.heal();
      await page.clock.fastForward(RETRY_MS);
      await page.getByText(message).waitFor();
      await page.getByText("Live", { exact: true }).waitFor();
      expect(await page.getByText("the first line").count()).toBe(1);
    },
    MINUTE_MS,
  );

  test(
    "ends the wait of a log in words, and its lines come by themselves once there is a connection",
    async () => {
      await using guest = await arrive();
      const { page } = guest.visitor;
      await page.goto("/logs?source=live&range=6h");
      await page.getByText("the first line").waitFor();
      await page.getByRole("link", { name: "Audit" }).click();
      await page.getByText("session.open").first().waitFor();
      guest.network.goSilent();
      await page.goBack();
      await page.getByRole("heading", { name: "Logs", level: 1 }).waitFor();
      await untilGivenUp(page);
      await page.getByText("The server took too long").first().waitFor();
      guest.network.heal();
      await page.clock.fastForward(RETRY_MS);
      await page.getByText("the first line").waitFor();
    },
    MINUTE_MS,
  );

  test(
    "ends the wait of a sign-in in words, and the same name and password can be sent again",
    async () => {
      await using network = await SilentProxy.before(server().address);
      await using visitor = await Visitor.arrive(network.address);
      const { page } = visitor;
      await page.clock.install();
      await page.goto("/sign-in");
      await page.getByLabel("Name").fill(ADMIN.name);
      await page.getByLabel("Password").fill(ADMIN.password);
      await page.waitForLoadState("networkidle");
      network.goSilent();
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("button", { name: "Signing in…" }).waitFor();
      await untilGivenUp(page);
      await page.getByRole("alert").waitFor();
      network.heal();
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("heading", { name: "Overview" }).waitFor();
    },
    MINUTE_MS,
  );

  test(
    "ends the wait of a list in words, and the list comes by itself once there is a connection",
    async () => {
      await using guest = await arrive();
      const { page } = guest.visitor;
      await page.goto("/audit");
      await page.getByText("session.open").first().waitFor();
      await page.getByRole("link", { name: "Secrets" }).click();
      await page.getByRole("heading", { name: "Secrets", level: 1 }).waitFor();
      guest.network.goSilent();
      await page.getByRole("link", { name: "Audit" }).click();
      await untilGivenUp(page);
      await page.getByText("Lost · reconnecting").waitFor();
      await page.getByText("The server took too long").first().waitFor();
      guest.network.heal();
      await page.clock.fastForward(RETRY_MS);
      await page.getByText("session.open").first().waitFor();
    },
    MINUTE_MS,
  );
});
