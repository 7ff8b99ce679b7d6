import { describe, expect, test } from "bun:test";
import { readAuditFilter } from "../../../web/data/audit.ts";
import { chainSentence } from "../../../web/pages/audit/audit-words.ts";

const CHAIN = {
  state: "intact",
  rows: 2_000,
  firstSeq: 1,
  lastSeq: 2_000,
  lastMac: "ab",
  removedThrough: null,
  retentionDays: 730,
  verifiedAt: "2030-01-01T00:00:00.000Z",
  verifiedRows: 1_990,
  damage: null,
} as const;

describe("the chain in words", () => {
  test("says how much is proven, and what retention removed", () => {
    expect(chainSentence(CHAIN)).toBe("1,990 rows, each chained to the one before it. 10 rows came since.");
    expect(chainSentence({ ...CHAIN, rows: 1_990 })).toBe("1,990 rows, each chained to the one before it.");
    expect(chainSentence({ ...CHAIN, removedThrough: 40 })).toEndWith(
      "Rows up to 40 were removed by retention and are signed for.",
    );
  });

  test("names the first row that does not hold, whatever else is known", () => {
    const damage = { seq: 7, reason: "the row was changed" };
    expect(chainSentence({ ...CHAIN, state: "broken", damage })).toStartWith("Row 7: the row was changed.");
  });

  test("does not promise what was not looked at", () => {
    expect(chainSentence({ ...CHAIN, state: "unverified", rows: 1 })).toBe(
      "1 row, not verified since this server started.",
    );
  });
});

test("a search is read from the address: known filters only, empty ones left out", () => {
  const query = new URLSearchParams("actor=ann&text=&action=user&tab=x&limit=5");
  expect(readAuditFilter(query)).toEqual({ actor: "ann", action: "user" });
});
