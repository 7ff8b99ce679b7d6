import { expect, test } from "bun:test";
import { secretReference } from "../../../server/config/references.ts";
import { HIDDEN, shownValue } from "../../../server/settings/setting-view.ts";
import { startApp } from "../../support/start-app.ts";

const LITERAL = "written in the open";
const provider = (id: string, clientSecret: string) => ({
  id,
  issuer: "https://login.example.org",
  clientId: "binnacle",
  clientSecret,
});

test("a provider's secret is shown as a reference or not at all; the rest of it is shown", () => {
  const reference = secretReference("OIDC");
  const shown = shownValue("signIn.providers", [provider("a", LITERAL), provider("b", reference)]);
  expect(shown).toEqual([provider("a", HIDDEN), provider("b", reference)]);
});

test("no edge gives it away", async () => {
  await using app = await startApp({ settings: { "signIn.providers": [provider("a", LITERAL)] } });
  const admin = await app.session("admin");
  for (const path of ["/api/v3/config", "/api/v3/config/export", "/api/v3/sign-in", "/openapi.json"]) {
    expect(await (await admin.get(path)).text()).not.toContain(LITERAL);
  }
});
