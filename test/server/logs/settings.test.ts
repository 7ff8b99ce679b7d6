import { expect, test } from "bun:test";
import { type RunningApp, startApp } from "../../support/start-app.ts";

const SECRET = "correct-horse-battery-staple-7";

const storedTexts = (app: RunningApp): string =>
  JSON.stringify(
    app.parts.logSystem?.store.reader.$client
      .query<{ texts: string }, []>("SELECT texts FROM log_tail")
      .all(),
  );

test("what is masked in lines changes while the server runs, without a restart", async () => {
  await using app = await startApp();
  const admin = await app.token(["*"]);
  await admin.send("PUT", "/api/v3/secrets/SHOP", { value: SECRET });
  const change = async (patterns: string[], secrets: boolean): Promise<void> => {
    const set = { "logs.redactPatterns": patterns, "logs.redactSecrets": secrets };
    expect((await admin.send("PATCH", "/api/v3/config", { set })).status).toBe(200);
  };
  const keep = (message: string): Promise<void> | undefined =>
    app.parts.logSystem?.store.append([{ at: 0, level: "info", source: "shop", message }]);
  const texts = `${SECRET} password=hunter22 4111111111111111`;
  await keep(`first ${texts}`);
  expect(storedTexts(app)).toContain("first [redacted] password=[redacted] 4111111111111111");
  await change(["cardNumbers"], true);
  await keep(`second ${texts}`);
  expect(storedTexts(app)).toContain("second [redacted] password=hunter22 [redacted]");
  await change([], false);
  await keep(`third ${texts}`);
  expect(storedTexts(app)).toContain(`third ${texts}`);
  const wrong = await admin.send("PATCH", "/api/v3/config", {
    set: { "logs.redactPatterns": ["everything"] },
  });
  expect(wrong.status).toBe(422);
});

test("the level of the own log is told, and changes while the server runs", async () => {
  await using app = await startApp();
  const admin = await app.token(["*"]);
  const levelNow = async (): Promise<unknown> =>
    ((await (await admin.get("/api/v3/logger/stats")).json()) as { level: string }).level;
  expect(await levelNow()).toBe("info");
  expect((await admin.send("PATCH", "/api/v3/config", { set: { "log.level": "debug" } })).status).toBe(200);
  expect(await levelNow()).toBe("debug");
});
