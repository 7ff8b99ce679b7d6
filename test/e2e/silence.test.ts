import { beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { runBinary } from "../support/binary.ts";
import { Visitor } from "../support/browser.ts";
import { served } from "../support/served.ts";
import { setUp, signIn } from "../support/sign-in.ts";
import { SilentProxy } from "../support/silent-proxy.ts";

const MINUTE_MS = 60_000;
/** Longer than a line may be silent: until it is asked, and until it should have answered. */
const ASKED_MS = 10_500;
const GIVEN_UP_MS = 5_500;
/** Longer than any wait between two attempts, and than a request may take. */
const RETRY_MS = 20_500;

const server = served({ env: { BINNACLE_METRICS__INTERVAL_SECONDS: "1" } });
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
