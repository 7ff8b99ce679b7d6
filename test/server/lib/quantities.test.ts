import { describe, expect, test } from "bun:test";
import { formatBytes, formatDuration, formatValue } from "../../../server/lib/quantities.ts";

describe("quantities for people", () => {
  test.each([
    [0, "0 B"],
    [1_023, "1023 B"],
    [1_024, "1.00 KiB"],
    [15 * 1_024 * 1_024, "15.0 MiB"],
    [3.2 * 1_024 ** 3, "3.20 GiB"],
    [150 * 1_024 ** 4, "150 TiB"],
  ])("%d bytes are %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  test.each([
    [0.0012, "1.20 ms"],
    [3.4, "3.40 s"],
    [90, "1 min 30 s"],
    [300, "5 min"],
    [7_500, "2 h 5 min"],
    [4 * 86_400 + 7_200, "4 d 2 h"],
  ])("%d seconds are %s", (seconds, text) => expect(formatDuration(seconds)).toBe(text));

  test("a value takes the unit of its series, and a gap is a dash", () => {
    expect(formatValue(12.345, "percent")).toBe("12.3 %");
    expect(formatValue(2_048, "bytes_per_second")).toBe("2.00 KiB/s");
    expect(formatValue(7, "count")).toBe("7");
    expect(formatValue(0.5, "ratio")).toBe("0.50");
    expect(formatValue(null, "bytes")).toBe("–");
  });
});
