import { describe, expect, test } from "bun:test";
import {
  formatBytes,
  formatDuration,
  formatRelative,
  formatValue,
  scaleFor,
} from "../../../web/lib/format.ts";

const plain = (text: string): string => text.replaceAll("\u00a0", " ");

describe("a value in words", () => {
  test.each([
    [0, "percent", "0 %"],
    [23.44, "percent", "23.4 %"],
    [0.713, "percent", "0.71 %"],
    [512, "bytes", "512 B"],
    [1536, "bytes", "1.5 KiB"],
    [9.8 * 1024 ** 3, "bytes", "9.8 GiB"],
    [12.5 * 1024 ** 2, "bytes_per_second", "12.5 MiB/s"],
    [0.0012, "seconds", "1.2 ms"],
    [3.4, "seconds", "3.4 s"],
    [412, "per_second", "412/s"],
    [142, "count", "142"],
    [0.714, "ratio", "0.71"],
    [2_400_000, "count", "2.4 M"],
  ])("%p of %s is %s", (value, unit, words) => {
    expect(plain(formatValue(value, unit))).toBe(words);
  });

  test("nothing measured is a dash, never a zero", () => {
    expect(formatValue(null, "percent")).toBe("–");
    expect(formatValue(undefined, "bytes")).toBe("–");
    expect(formatValue(Number.NaN, "count")).toBe("–");
  });

  test("bytes change their unit at powers of 1,024", () => {
    expect(plain(formatBytes(1023))).toBe("1,023 B");
    expect(plain(formatBytes(1024))).toBe("1.0 KiB");
  });
});

describe("a duration", () => {
  test.each([
    [0.0000421, "42.1 µs"],
    [0.0012, "1.2 ms"],
    [3.4, "3.4 s"],
    [312, "5 min 12 s"],
    [7500, "2 h 5 min"],
    [7200, "2 h"],
    [97_200, "1 d 3 h"],
    [3_542_400, "41 d"],
  ])("of %p seconds is %s", (seconds, words) => {
    expect(plain(formatDuration(seconds))).toBe(words);
  });
});

describe("a moment relative to now", () => {
  const now = Date.UTC(2030, 0, 1);
  test.each([
    [0, "now"],
    [12_000, "12 s ago"],
    [12 * 60_000, "12 min ago"],
    [6 * 3_600_000, "6 h ago"],
    [3 * 86_400_000, "3 d ago"],
    [-3 * 86_400_000, "in 3 d"],
  ])("%p ms before is %s", (ago, words) => {
    expect(plain(formatRelative(now - ago, now))).toBe(words);
  });
});

test("one chart has one unit: that of its largest value", () => {
  expect(scaleFor("bytes", 3 * 1024 ** 3)).toEqual({ divisor: 1024 ** 3, suffix: "GiB" });
  expect(scaleFor("seconds", 0.0042)).toEqual({ divisor: 1e-3, suffix: "ms" });
});
