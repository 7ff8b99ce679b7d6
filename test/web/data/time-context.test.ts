import { describe, expect, test } from "bun:test";
import { TimeContext } from "../../../web/data/time-context.ts";

const NOW = 1_893_456_000_000;
const openTime = () => new TimeContext(() => NOW);

describe("zooming", () => {
  test("fixes the window and can be undone step by step", () => {
    const time = openTime();
    time.zoom({ fromMs: NOW - 60_000, toMs: NOW - 30_000 });
    time.zoom({ fromMs: NOW - 50_000, toMs: NOW - 40_000 });
    expect(time.isLive).toBe(false);
    time.zoomBack();
    expect(time.window()).toEqual({ fromMs: NOW - 60_000, toMs: NOW - 30_000 });
    time.zoomBack();
    expect(time.isLive).toBe(true);
  });

  test("back from a window that came with the address returns to the last hour", () => {
    const time = openTime();
    time.choose({ kind: "absolute", fromMs: 0, toMs: 60_000 });
    time.zoomBack();
    expect(time.window()).toEqual({ fromMs: NOW - 3_600_000, toMs: NOW });
  });
});

test("pausing holds the window still, and pressing again follows", () => {
  let now = NOW;
  const time = new TimeContext(() => now);
  time.togglePause();
  now += 60_000;
  expect(time.window().toMs).toBe(NOW);
  expect(time.isLive).toBe(false);
  time.togglePause();
  expect(time.window().toMs).toBe(NOW + 60_000);
});
