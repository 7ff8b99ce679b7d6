import { expect, test } from "bun:test";
import { PRINTED, printedPath } from "../../support/configuration-reference.ts";

test.each(Object.entries(PRINTED))("%s is as the schema prints it", async (path, print) => {
  const text = await Bun.file(printedPath(path)).text();
  // `bun test/support/configuration-reference.ts` brings it up to date.
  expect(text === print() ? "up to date" : "stale").toBe("up to date");
});
