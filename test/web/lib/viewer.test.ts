import { afterEach, describe, expect, test } from "bun:test";
import { DEFAULT_PREFERENCES } from "../../../schema/rules/preferences.ts";
import { timeLabels } from "../../../web/components/chart-axis.ts";
import { formatBytes, formatExact, formatTimeOfDay, scaleFor } from "../../../web/lib/format.ts";
import { fromLocalInput, toLocalInput } from "../../../web/lib/local-input.ts";
import { adoptHabits } from "../../../web/lib/viewer.ts";

const NOON = Date.UTC(2026, 5, 1, 12);
const HOUR_MS = 3_600_000;

afterEach(() => adoptHabits(DEFAULT_PREFERENCES));

describe("what the viewer has chosen", () => {
  test("decides in which zone every time is written, and at once", () => {
    adoptHabits({ timeZone: "Asia/Tokyo", units: "binary" });
    expect(formatTimeOfDay(NOON)).toBe("21:00:00");
    expect(timeLabels([NOON], HOUR_MS)).toEqual(["21:00"]);
    adoptHabits({ timeZone: "America/New_York", units: "binary" });
    expect(formatTimeOfDay(NOON)).toBe("08:00:00");
    expect(formatExact(NOON)).toBe("1 Jun 2026, 08:00:00");
    expect(timeLabels([NOON], HOUR_MS)).toEqual(["08:00"]);
  });

  test("a zone that this browser does not know leaves its own", () => {
    const own = formatTimeOfDay(NOON);
    adoptHabits({ timeZone: "Mars/Olympus_Mons", units: "binary" });
    expect(formatTimeOfDay(NOON)).toBe(own);
  });

  test.each([
    [999, "999\u00a0B"],
    [1_500, "1.5\u00a0kB"],
    [9.8e9, "9.8\u00a0GB"],
    [2e16, "20.0\u00a0PB"],
  ])("%p bytes are %p in decimal units", (sizeBytes, words) => {
    adoptHabits({ timeZone: "", units: "decimal" });
    expect(formatBytes(sizeBytes)).toBe(words);
    expect(scaleFor("bytes_per_second", 2_000_000)).toEqual({ divisor: 1e6, suffix: "MB/s" });
  });
});

describe("a moment in an input", () => {
  test.each(["", "UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Chatham"])(
    "goes there and back in the zone %p",
    (timeZone) => {
      adoptHabits({ timeZone, units: "binary" });
      for (let day = 0; day < 366; day += 7) {
        const atMs = NOON + day * 24 * HOUR_MS;
        expect(fromLocalInput(toLocalInput(atMs))).toBe(atMs);
      }
    },
  );

  test("is wall time of the chosen zone", () => {
    adoptHabits({ timeZone: "Europe/Berlin", units: "binary" });
    expect(toLocalInput(NOON)).toBe("2026-06-01T14:00:00");
    expect(fromLocalInput("2026-06-01T14:00:00")).toBe(NOON);
    expect(fromLocalInput("")).toBeNaN();
  });

  test("of the hour that comes twice is the first, of the skipped one the one after", () => {
    adoptHabits({ timeZone: "Europe/Berlin", units: "binary" });
    expect(fromLocalInput("2026-10-25T02:30:00")).toBe(Date.UTC(2026, 9, 25, 0, 30));
    expect(toLocalInput(fromLocalInput("2026-03-29T02:30:00"))).toBe("2026-03-29T03:30:00");
  });
});
