import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startApp } from "../../support/start-app.ts";
import { until } from "../../support/until.ts";

const yaml = (level: string, seconds: number, depth: number, isAsked: boolean): string =>
  `log:\n  level: ${level}\nmetrics:\n  intervalSeconds: ${seconds}\ngraphql:\n  maxDepth: ${depth}\n  introspection: ${isAsked}\n`;

test("an edit of the file takes effect in the parts themselves: log level, an interval, a limit, a switch", async () => {
  await using app = await startApp({
    files: { "binnacle.yaml": yaml("info", 5, 10, true) },
    withJobs: true,
  });
  const { configuration, timers, folder } = app.parts;
  const admin = await app.session("admin");
  const heard: string[] = [];
  configuration.watch("log.level", (level) => heard.push(level));
  const asked = async () => (await admin.graphql("{ __schema { queryType { name } } }")).result.errors;
  const nested = async () =>
    (await admin.graphql("{ events { items { seq } } }")).result.errors?.[0]?.message;
  const intervalMs = () => timers.list().find(({ name }) => name === "metrics.sample")?.intervalMs;
  expect([await asked(), await nested(), intervalMs()]).toEqual([undefined, undefined, 5_000]);
  writeFileSync(join(folder.paths.root, "binnacle.yaml"), yaml("debug", 2, 2, false));
  await until(() => heard.length > 0 && intervalMs() === 2_000);
  expect(heard).toEqual(["debug"]);
  expect(await nested()).toContain("2");
  expect(await asked()).toBeDefined();
});
