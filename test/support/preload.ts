/** Runs before every test file: what a developer's shell happens to hold must not reach a test. */
const SELECTS_SIZE = "BINNACLE_TEST_FULL";

for (const name of Object.keys(process.env)) {
  if (name.startsWith("BINNACLE_") && name !== SELECTS_SIZE) delete process.env[name];
}
process.env.TZ = "UTC";
process.env.NO_COLOR = "1";
