import { describe, expect, test } from "bun:test";
import { logsHref, printAddress, readLogsAddress } from "../../../../web/pages/logs/address.ts";

describe("the address of the log viewer", () => {
  test("holds all that is chosen, and reads back what it wrote", () => {
    const chosen = {
      tab: "lines",
      levels: ["warning", "error"],
      sources: ["web", "a,b"],
      text: 'status=502 "reset by"',
      correlationId: "req-1",
      traceId: "t",
      at: 7,
      line: 9,
      wraps: true,
      columns: ["ids"],
    } as const;
    const href = logsHref(chosen);
    expect(readLogsAddress(new URL(href, "http://here").searchParams)).toEqual({
      ...chosen,
      levels: [...chosen.levels],
      sources: [...chosen.sources],
      columns: [...chosen.columns],
    });
  });

  test("is bare while nothing is chosen", () => {
    const bare = readLogsAddress(new URLSearchParams());
    expect(logsHref(bare)).toBe("/logs");
    expect(bare.columns).toEqual(["source", "fields"]);
    expect(printAddress({ at: undefined, levels: [], text: " " })).toEqual({
      at: undefined,
      level: undefined,
      q: undefined,
    });
  });

  test("passes over what it has no meaning for", () => {
    const odd = new URLSearchParams("level=loud,error&line=-3&at=x&tab=nowhere&columns=,ids,evil&wrap=yes");
    expect(readLogsAddress(odd)).toMatchObject({
      levels: ["error"],
      line: undefined,
      at: undefined,
      tab: "lines",
      columns: ["ids"],
      wraps: false,
    });
  });
});
