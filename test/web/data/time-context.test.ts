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

describe("while a server has measured for minutes only", () => {
  test("a short range begins at the first sample, is a minute wide at least, and grows to its length", () => {
    let now = NOW;
    const time = new TimeContext(() => now);
    time.choose({ kind: "last", durationMs: 300_000 });
    time.begin(NOW - 5_000);
    expect(time.window()).toEqual({ fromMs: NOW - 5_000, toMs: NOW + 55_000 });
    expect(time.isGrowing).toBe(true);
    now += 115_000;
    expect(time.window()).toEqual({ fromMs: NOW - 5_000, toMs: now });
    time.togglePause();
    now += 600_000;
    expect(time.window()).toEqual({ fromMs: NOW - 5_000, toMs: NOW + 115_000 });
    time.togglePause();
    expect(time.window()).toEqual({ fromMs: now - 300_000, toMs: now });
    expect(time.isGrowing).toBe(false);
  });

  test("a longer range, a range shorter than what is known and a fixed window stay as chosen", () => {
    const time = openTime();
    time.begin(NOW - 120_000);
    expect(time.window()).toEqual({ fromMs: NOW - 3_600_000, toMs: NOW });
    time.choose({ kind: "last", durationMs: 90_000 });
    expect(time.window()).toEqual({ fromMs: NOW - 90_000, toMs: NOW });
    time.choose({ kind: "absolute", fromMs: NOW - 300_000, toMs: NOW });
    expect(time.window()).toEqual({ fromMs: NOW - 300_000, toMs: NOW });
    expect(time.isGrowing).toBe(false);
  });
});
