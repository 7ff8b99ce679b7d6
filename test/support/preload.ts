import { setDefaultTimeout } from "bun:test";

// Runs before every test file.

/** What hangs is to end some day; what is slow on a busy machine is not to fail. */
const TEST_TIMEOUT_MS = 60_000;
const FULL_TIMEOUT_MS = 30 * 60_000;
setDefaultTimeout(process.env.BINNACLE_TEST_FULL === "1" ? FULL_TIMEOUT_MS : TEST_TIMEOUT_MS);

/** What a developer's shell happens to hold must not reach a test, but for these. */
const SELECTS = new Set(["BINNACLE_TEST_FULL", "BINNACLE_TEST_BINARY"]);

for (const name of Object.keys(process.env)) {
  if (name.startsWith("BINNACLE_") && !SELECTS.has(name)) delete process.env[name];
}
process.env.TZ = "UTC";
process.env.NO_COLOR = "1";
