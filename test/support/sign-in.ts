import type { RunningBinary } from "./binary.ts";
import type { Visitor } from "./browser.ts";

/** Who the browser tests are. */
export const ADMIN = { name: "ann", password: "correct horse battery staple" } as const;

/** Opens the printed link and creates the first administrator; the Overview is open afterwards. */
export async function setUp({ page }: Visitor, server: RunningBinary): Promise<void> {
  if (!server.setupLink) throw new Error("The server printed no set-up link.");
  await page.goto(server.setupLink);
  await page.getByLabel("Name").fill(ADMIN.name);
  await page.getByLabel("Password").fill(ADMIN.password);
  await page.getByRole("button", { name: "Create administrator" }).click();
  await page.getByRole("button", { name: "Later" }).click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
}

/** Signs in on the sign-in page; the Overview is open afterwards. */
export async function signIn(
  { page }: Visitor,
  { name, password }: { name: string; password: string } = ADMIN,
): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
}
