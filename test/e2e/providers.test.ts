import { expect, test } from "bun:test";
import { secretReference } from "../../server/config/references.ts";
import { Visitor } from "../support/browser.ts";
import { served } from "../support/served.ts";
import { setUp } from "../support/sign-in.ts";

const MINUTE_MS = 60_000;

const server = served();

test(
  "a provider is added on the Configuration page, its secret by reference, and stands on the sign-in page",
  async () => {
    await using visitor = await Visitor.arrive(server().address);
    const { page } = visitor;
    await setUp(visitor, server());
    await page.goto("/configuration");
    const row = page.locator("bn-setting-row").filter({ hasText: "signIn.providers" });
    await row.getByRole("button", { name: "Add an entry to Providers" }).click();
    await row.getByText("Entry 1: id is needed").waitFor();
    await row.getByLabel("Name in addresses").fill("company");
    await row.getByLabel("Label").fill("Example Ltd");
    await row.getByLabel("Issuer").fill("https://login.example.org");
    await row.getByLabel("Client id").fill("binnacle");
    await row.getByLabel("Client secret").fill("in the open");
    await row.getByText("must fit the pattern").first().waitFor();
    const review = page.getByRole("button", { name: "Review and save" });
    expect(await review.isDisabled()).toBe(true);
    await row.getByLabel("Client secret").fill(secretReference("OIDC_SECRET"));
    await review.click();
    await page.getByRole("button", { name: "Save changes" }).click();
    await page.getByText("1 setting is saved and in force").waitFor();
    expect(visitor.takeErrors()).toEqual([]);

    await using guest = await Visitor.arrive(server().address);
    await guest.page.goto("/sign-in");
    await guest.page.getByText("Example Ltd").waitFor();
  },
  2 * MINUTE_MS,
);
