import { describe, expect, test } from "bun:test";
import { errorsHref, filterOf, readErrorQuery } from "../../../../web/pages/errors/filters.ts";
import { proofText, stateOf, successText } from "../../../../web/pages/errors/words.ts";

const NOW = Date.UTC(2030, 0, 2);
const read = (text: string) => readErrorQuery(new URLSearchParams(text));

describe("the filter of errors stands in the address", () => {
  test("nothing said shows what is open, of any kind and time", () => {
    expect(filterOf(read(""), NOW)).toEqual({
      states: ["open", "reopened"],
      kind: undefined,
      text: undefined,
      since: undefined,
    });
    expect(errorsHref(read(""))).toBe("/errors");
  });

  test("each chip changes one thing and keeps the rest", () => {
    const query = read("state=all&since=24h&q=disk+full");
    expect(filterOf(query, NOW)).toEqual({
      states: [],
      kind: undefined,
      text: "disk full",
      since: "2030-01-01T00:00:00.000Z",
    });
    expect(errorsHref(query, { kind: "internal" })).toBe(
      "/errors?state=all&kind=internal&since=24h&q=disk+full",
    );
    expect(errorsHref(query, { state: "", text: "" })).toBe("/errors?since=24h");
  });

  test("a word that is no choice counts as none", () => {
    expect(filterOf(read("state=odd&kind=odd&since=odd"), NOW)).toEqual(filterOf(read(""), NOW));
  });
});

test("an open fault alarms, an open outage is watched, what is settled is calm", () => {
  expect(stateOf({ state: "open", kind: "internal" })).toEqual({ level: "alarm", word: "Open" });
  expect(stateOf({ state: "reopened", kind: "unavailable" })).toEqual({ level: "watch", word: "Came back" });
  expect(stateOf({ state: "resolved", kind: "internal" }).level).toBe("calm");
  expect(stateOf({ state: "ignored", kind: "internal" }).level).toBe("unknown");
});

test("figures read as sentences", () => {
  expect(successText(0, 0)).toBe("never needed");
  expect(successText(3, 4)).toBe("3 of 4 (75\u00a0%)");
  const summary = {
    hours: 24,
    answered: 12_408,
    failures: 0,
    refused: [] as { code: string; count: number }[],
    states: { open: 0, reopened: 0, resolved: 0, ignored: 0 },
  };
  expect(proofText(summary)).toBe("12,408 requests answered in 24 h · 0 failures");
  const refused = ["a", "b", "c", "d"].map((code, index) => ({ code, count: 10 - index }));
  expect(proofText({ ...summary, failures: 1, refused })).toBe(
    "12,408 requests answered in 24 h · 1 failure · 34 refused (10 a, 9 b, 8 c)",
  );
});
