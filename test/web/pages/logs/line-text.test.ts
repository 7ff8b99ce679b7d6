import { expect, test } from "bun:test";
import type { LogLine } from "../../../../web/data/logs.ts";
import { rowText } from "../../../../web/pages/logs/line-text.ts";

const LINE: LogLine = {
  id: 1,
  at: "2030-01-01T00:00:00.000Z",
  level: "error",
  source: "shop",
  message: "",
  correlationId: null,
  traceId: null,
  spanId: null,
  fields: {},
};

test("a stack trace is one line in a row, its breaks a mark; what deceives is still written out", () => {
  const message = "Traceback:\r\n  File x.py\n    boom()\nValueError: no\u202esuch order\n";
  expect(rowText({ ...LINE, message }).cut).toBe(
    "Traceback: ↵ File x.py ↵ boom() ↵ ValueError: no\\u202esuch order",
  );
});
