import { describe, expect, test } from "bun:test";
import type { Span } from "../../../../web/data/traces.ts";
import { rowsOf, shownRows } from "../../../../web/pages/performance/waterfall.ts";

const span = (name: string, depth: number, offset: number, duration: number, service = "shop"): Span => ({
  spanId: name,
  parentId: null,
  depth,
  name,
  kind: "internal",
  service,
  offset,
  duration,
  moved: 0,
  failed: false,
  message: "",
  attributes: {},
  events: [],
});

const ORDER = [
  span("order", 0, 0, 100),
  span("validate", 1, 5, 10),
  span("charge", 1, 20, 60, "billing"),
  span("ask the bank", 2, 30, 40, "bank"),
  span("reserve", 1, 25, 20, "stock"),
  span("render", 1, 80, 20),
];
const rows = rowsOf(ORDER, 10);
const find = (name: string) => rows.find((row) => row.span.name === name);

describe("rows of a waterfall", () => {
  test("know their parents, and how many are below", () => {
    expect(find("ask the bank")?.parent).toBe(2);
    expect(find("reserve")?.parent).toBe(0);
    expect(rows.map(({ childCount }) => childCount)).toEqual([4, 0, 1, 0, 0, 0]);
  });

  test("know the time that no child took, though children overlap", () => {
    expect(find("order")?.self).toBe(10);
    expect(find("charge")?.self).toBe(20);
    expect(find("render")?.self).toBe(20);
  });

  test("a child that outlives its parent takes no more than there is", () => {
    const [parent] = rowsOf([span("parent", 0, 0, 10), span("child", 1, 5, 50)], 10);
    expect(parent?.self).toBe(5);
  });

  test("the critical path is what the whole waited for: not what ended while another was waited for", () => {
    const critical = rows.filter(({ isCritical }) => isCritical).map((row) => row.span.name);
    expect(critical).toEqual(["order", "validate", "charge", "ask the bank", "render"]);
  });

  test("services have colours in the order of their appearance, again from the first when they run out", () => {
    expect(rowsOf(ORDER, 3).map(({ colour }) => colour)).toEqual([0, 0, 1, 2, 0, 0]);
  });

  test("of a collapsed one all that is below is hidden, and nothing else", () => {
    const names = (...collapsed: string[]) => shownRows(rows, new Set(collapsed)).map((row) => row.span.name);
    expect(names("charge")).toEqual(["order", "validate", "charge", "reserve", "render"]);
    expect(names("order", "charge")).toEqual(["order"]);
    expect(names("render")).toHaveLength(6);
  });

  test("a trace of many thousands is prepared without recursion", () => {
    const deep = Array.from({ length: 5_000 }, (_, depth) => span(`s${depth}`, depth, depth, 5_000 - depth));
    expect(rowsOf(deep, 10).filter(({ isCritical }) => isCritical)).toHaveLength(5_000);
  });
});

test("the critical path begins at the root, not at a longer span whose parent never came", () => {
  const orphan: Span = { ...span("orphan", 0, 50, 900), parentId: "gone" };
  const [root, work, alone] = rowsOf([span("root", 0, 0, 100), span("work", 1, 10, 80), orphan], 10);
  expect([root, work, alone].map((row) => row?.isCritical)).toEqual([true, true, false]);
});
