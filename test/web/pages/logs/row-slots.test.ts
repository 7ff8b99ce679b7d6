import { describe, expect, test } from "bun:test";
import { RowSlots } from "../../../../web/pages/logs/row-slots.ts";

const slotsOf = (slots: RowSlots, ids: readonly number[]): (number | undefined)[] => {
  const assigned = slots.assign(ids);
  return ids.map((id) => assigned.get(id));
};

describe("the rows that lines are drawn in", () => {
  test("stay with lines that stay; lines that come take those that left", () => {
    const slots = new RowSlots();
    expect(slotsOf(slots, [1, 2, 3, 4])).toEqual([0, 1, 2, 3]);
    expect(slotsOf(slots, [3, 4, 5, 6])).toEqual([2, 3, 0, 1]);
    expect(slotsOf(slots, [2, 3, 4, 5])).toEqual([1, 2, 3, 0]);
  });

  test("are the same, in the same order, after a jump", () => {
    const slots = new RowSlots();
    slots.assign([1, 2, 3]);
    expect(slotsOf(slots, [901, 902, 903])).toEqual([0, 1, 2]);
  });

  test("are no more than are drawn, and never shared", () => {
    const slots = new RowSlots();
    slots.assign([1, 2, 3, 4, 5]);
    slots.assign([9]);
    const again = slotsOf(slots, [9, 10, 11]);
    expect(new Set(again).size).toBe(3);
  });
});
