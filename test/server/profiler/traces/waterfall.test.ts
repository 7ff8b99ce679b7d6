import { describe, expect, test } from "bun:test";
import type { Span } from "../../../../server/profiler/traces/span.ts";
import { waterfall } from "../../../../server/profiler/traces/waterfall.ts";

const span = (id: string, parentId: string | null, fromUs: number, toUs: number, more = {}): Span => ({
  traceId: "a".repeat(32),
  id,
  parentId,
  name: id,
  kind: "internal",
  service: "shop",
  startedAtUs: fromUs,
  durationUs: toUs - fromUs,
  hasFailed: false,
  message: "",
  attributes: {},
  events: [],
  ...more,
});
const drawn = (spans: readonly Span[]) =>
  waterfall(spans).map(({ id, depth, startedAtUs, movedUs }) => [id, depth, startedAtUs, movedUs]);

describe("a span whose clock goes differently", () => {
  test("stands in the middle of its caller, and what it did within moves along", () => {
    const slow = { service: "orders" };
    const spans = [
      span("caller", null, 1_000, 1_400),
      span("server", "caller", -9_000, -8_800, slow),
      span("query", "server", -8_990, -8_950, slow),
      span("mail", "query", 1_120, 1_130, { service: "mailer" }),
    ];
    expect(drawn(spans)).toEqual([
      ["caller", 0, 1_000, 0],
      ["server", 1, 1_100, 10_100],
      ["query", 2, 1_110, 10_100],
      ["mail", 3, 1_120, 0],
    ]);
  });

  test("that is longer than its caller begins with it", () => {
    const spans = [span("a", null, 100, 200), span("b", "a", 50, 350, { service: "other" })];
    expect(drawn(spans)[1]).toEqual(["b", 1, 100, 50]);
  });

  test("is seen as ahead only where a server was called: work that is done later is left where it is", () => {
    const call = (kind: string) => [
      span("call", null, 0, 100, { kind: "client" }),
      span("work", "call", 500, 540, { kind, service: "other" }),
    ];
    expect(drawn(call("server"))[1]).toEqual(["work", 1, 30, -470]);
    expect(drawn(call("consumer"))[1]).toEqual(["work", 1, 500, 0]);
  });

  test("stands among its siblings where it is shown", () => {
    const spans = [
      span("root", null, 0, 1_000),
      span("first", "root", 10, 20),
      span("moved", "root", -500, -300, { service: "other" }),
    ];
    expect(drawn(spans).map(([id]) => id)).toEqual(["root", "first", "moved"]);
  });
});

test("spans without a parent that came, and those that hang in a circle, are all drawn, once", () => {
  const spans = [
    span("orphan", "nobody", 5, 10),
    span("a", "b", 20, 30),
    span("b", "a", 25, 28),
    span("child", "orphan", 6, 7),
  ];
  expect(drawn(spans).map(([id, depth]) => [id, depth])).toEqual([
    ["orphan", 0],
    ["child", 1],
    ["a", 0],
    ["b", 1],
  ]);
});
