import { expect, spyOn, test } from "bun:test";
import { startLogging, stopLogging } from "../../../server/logs/logger.ts";

test("the words of others stand on one line of the terminal that the server runs in, and do not steer it", async () => {
  const shown: string[] = [];
  const spy = spyOn(console, "error").mockImplementation((text) => void shown.push(String(text)));
  try {
    const log = await startLogging({ level: "info", console: "pretty" });
    log.warning("A service refused", {
      reason: "no\n12:00:00 info    Signed in\u001b]0;owned\u0007",
      answer: { said: "\u009b2J\u202e" },
    });
    await stopLogging();
  } finally {
    spy.mockRestore();
  }
  expect(shown).toHaveLength(1);
  expect(shown[0]?.trimEnd()).toEndWith(
    String.raw`warning A service refused reason=no\n12:00:00 info    Signed in\u001b]0;owned\u0007 answer={"said":"\u009b2J\u202e"}`,
  );
});
