import { expect, test } from "bun:test";
import { timeLabels, valueAxis, valueLabels } from "../../../web/components/chart-axis.ts";

const GIB = 1024 ** 3;

test.each<[string, number, string[]]>([
  ["percent", 57, ["0", "15", "30", "45", "60 %"]],
  ["percent", 99, ["0", "25", "50", "75", "100 %"]],
  ["bytes", 9.9 * GIB, ["0", "3", "6", "9", "12 GiB"]],
  ["bytes_per_second", 0, ["0", "0.25", "0.50 B/s"]],
  ["seconds", 0.0038, ["0", "1", "2", "3", "4 ms"]],
])("%s up to %p is read against %p", (unit, max, labels) => {
  expect(valueLabels(valueAxis(unit, 0, max))).toEqual(labels);
});

test("every value lies inside its axis", () => {
  for (let max = 0.001; max < 1e12; max *= 1.37) {
    const { bottom, top } = valueAxis("count", -max / 3, max);
    expect(top).toBeGreaterThanOrEqual(max);
    expect(bottom).toBeLessThanOrEqual(-max / 3);
  }
});

test("time is written as fine as the ticks, midnight as its day", () => {
  const midnight = Date.UTC(2030, 0, 2);
  expect(timeLabels([midnight - 3_600_000, midnight], 3_600_000)).toEqual(["23:00", "2 Jan"]);
  expect(timeLabels([midnight, midnight + 5000], 5000)).toEqual(["2 Jan", "00:00:05"]);
});
