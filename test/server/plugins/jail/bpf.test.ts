import { describe, expect, test } from "bun:test";
import {
  allow,
  encodeProgram,
  ifAtLeast,
  ifEqual,
  loadArgument,
  loadArgumentHigh,
  loadWord,
  mask,
  RECORD,
  refuse,
  unlessOneOf,
} from "../../../../server/plugins/jail/bpf.ts";
import { runFilter } from "./bpf-machine.ts";

const answer = (program: Parameters<typeof runFilter>[0], number: number, args: (number | bigint)[] = []) =>
  runFilter(program, { architecture: 1, number, args });

describe("a block", () => {
  const program = [
    loadWord(RECORD.NUMBER),
    ...ifEqual(7, [refuse(1)]),
    ...ifAtLeast(100, [refuse(2)]),
    allow(),
  ];

  test.each([
    [7, 1],
    [8, 0],
    [99, 0],
    [100, 2],
    [0xffffffff, 2],
  ])("is run for its number alone: %d → %d", (number, expected) => {
    expect(answer(program, number)).toBe(expected);
  });

  test("is passed by for each value of a list", () => {
    const list = [loadArgument(2), ...unlessOneOf([3, 5, 9], [refuse(1)]), allow()];
    expect([3, 5, 9].map((value) => answer(list, 0, [0, 0, value]))).toEqual([0, 0, 0]);
    expect([0, 4, 10].map((value) => answer(list, 0, [0, 0, value]))).toEqual([1, 1, 1]);
  });

  test("is run for everything when the list is empty", () => {
    expect(answer([loadArgument(0), ...unlessOneOf([], [refuse(1)]), allow()], 0)).toBe(1);
  });
});

test("an argument is looked at by halves, and through a mask", () => {
  const low = [loadArgument(1), mask(0xf0), ...unlessOneOf([0x10], [refuse(1)]), allow()];
  expect(answer(low, 0, [0, 0x1f])).toBe(0);
  expect(answer(low, 0, [0, 0x2f])).toBe(1);
  const high = [loadArgumentHigh(1), ...unlessOneOf([0], [refuse(1)]), allow()];
  expect(answer(high, 0, [0, 0xffffffffn])).toBe(0);
  expect(answer(high, 0, [0, 0x1_0000_0000n])).toBe(1);
});

test("a jump that BPF cannot make, and a program the kernel would not take, are refused", () => {
  expect(() => ifEqual(1, Array.from({ length: 256 }, allow))).toThrow(RangeError);
  expect(() => encodeProgram(Array.from({ length: 4097 }, allow), () => 0)).toThrow(RangeError);
});

test("a program is laid out as the kernel reads it: a count, a pointer, instructions of eight bytes", () => {
  const memory = encodeProgram([loadWord(4), refuse(38)], () => 0x1000);
  const view = new DataView(memory.buffer);
  expect(view.getUint16(0, true)).toBe(2);
  expect(view.getBigUint64(8, true)).toBe(0x1010n);
  expect(memory.subarray(16).toHex()).toBe("20000000040000000600000026000500");
});
