import { expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import { SETTINGS } from "../../../server/config/schema.ts";

const SERVER = join(import.meta.dirname, "../../../server");
/** They name every key without acting on it. */
const OWN_FOLDER = "config/";

/** `settings.features.alerts`, `features.alerts`, `configuration.settings.plugins?.folder`. */
const readOf = (key: string): RegExp =>
  new RegExp(String.raw`\b${key.split(".").slice(-2).join(String.raw`\??\.`)}\b`);

const planned = SETTINGS.filter(({ schema }) => schema.planned).map(({ key }) => key);

test("a setting that takes effect with a later version is read by no code of this one", async () => {
  const readers: string[] = [];
  for await (const path of new Glob("**/*.ts").scan(SERVER)) {
    if (path.startsWith(OWN_FOLDER)) continue;
    const text = await Bun.file(join(SERVER, path)).text();
    readers.push(...planned.filter((key) => readOf(key).test(text)).map((key) => `${path} reads ${key}`));
  }
  expect(readers).toEqual([]);
});

test("a switch whose module exists is not called planned", () => {
  expect(planned).toContain("features.backups");
  expect(planned).not.toContain("features.graphql");
});
