import { afterAll } from "bun:test";
import { endShared } from "./at-end.ts";

/** Runs before every test file: what a developer's shell happens to hold must not reach a test. */
const SELECTS = new Set(["BINNACLE_TEST_FULL", "BINNACLE_TEST_BINARY"]);

for (const name of Object.keys(process.env)) {
  if (name.startsWith("BINNACLE_") && !SELECTS.has(name)) delete process.env[name];
}
process.env.TZ = "UTC";
process.env.NO_COLOR = "1";
afterAll(endShared);
