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

const PATH = "/api/v3/config";
const PROVIDERS = "signIn.providers";

test("providers are edited over the API, their secrets as references alone, and what is this machine's is refused", async () => {
  await using app = await startApp();
  const admin = await app.session("admin");
  const edit = (item: object) => admin.send("PATCH", PATH, { set: { [PROVIDERS]: [item] } });
  const reference = secretReference("OIDC");
  const refused = [
    [provider("a", LITERAL), PROVIDERS, "does not stand here in the open"],
    [provider("a", `prefix ${reference}`), PROVIDERS, "does not stand here in the open"],
    [
      provider("a", reference.replace("secret:OIDC", "env:HOME")),
      PROVIDERS,
      "does not stand here in the open",
    ],
    [{ ...provider("a", reference), allow: ["10.0.0.0/8"] }, PROVIDERS, "0.allow: only a file"],
    [{ ...provider("a", reference), issuer: "ftp://x" }, PROVIDERS, "0.issuer"],
  ] as const;
  for (const [item, path, words] of refused) {
    const answer = await edit(item);
    const text = await answer.text();
    expect([answer.status, text]).toEqual([422, expect.stringContaining(words)]);
    expect(JSON.parse(text).errors[0].path).toBe(path);
    expect(text).not.toContain(LITERAL);
  }
  const whole = await admin.send("PATCH", PATH, { set: { [PROVIDERS]: reference } });
  expect(whole.status).toBe(422);
  expect((await edit(provider("a", reference))).status).toBe(200);
  const buttons = await (await app.guest().get("/api/v3/sign-in")).json();
  expect(buttons.items).toEqual([{ id: "a", label: "a" }]);
  const { items } = await (await admin.get(PATH)).json();
  const view = items.find(({ key }: { key: string }) => key === PROVIDERS);
  expect(view).toMatchObject({ type: "objects", scope: "users:admin", machineOnly: false, overridden: true });
  expect(Object.keys(view.schema.items.properties)).not.toContain("allow");
});

test("whoever may change settings may not, by that alone, decide who may enter", async () => {
  await using app = await startApp();
  const set = { [PROVIDERS]: [provider("mine", "")] };
  const tuner = await app.token(["config:admin"]);
  for (const [method, path, body] of [
    ["PATCH", PATH, { set }],
    ["POST", `${PATH}/import`, { text: JSON.stringify({ signIn: { providers: set[PROVIDERS] } }) }],
  ] as const) {
    const answer = await tuner.send(method, path, body);
    expect([answer.status, (await answer.json()).code]).toEqual([403, "scope_missing"]);
  }
  expect((await (await app.token(["config:write", "users:admin"])).send("PATCH", PATH, { set })).status).toBe(
    200,
  );
  expect((await tuner.send("POST", `${PATH}/rollback`, { revision: 1 })).status).toBe(200);
});
