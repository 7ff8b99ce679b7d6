import { describe, expect, test } from "bun:test";
import type { Segment } from "../../../../web/data/log-segment.ts";
import type { LogLine } from "../../../../web/data/logs.ts";
import { endAnchor, moveAnchor } from "../../../../web/lib/row-anchor.ts";
import { LogPlace } from "../../../../web/pages/logs/log-place.ts";

const line = (id: number): LogLine => ({
  id,
  at: "2030-01-01T00:00:00.000Z",
  level: "info",
  source: "web",
  message: "",
  fields: {},
  correlationId: null,
  traceId: null,
  spanId: null,
});

/** Lines from `first` to `last`, more beyond where that is said. */
const held = (first: number, last: number, newerStart?: number): Segment => ({
  lines: Array.from({ length: last - first + 1 }, (_, index) => line(first + index)),
  olderStart: first === 1 ? undefined : first,
  newerStart,
  firstId: 1,
  lastId: 10_000,
});

/** Ten rows of 20 px are seen. */
function openPlace(wraps = false) {
  const followed: boolean[] = [];
  const place = new LogPlace((isFollowing) => followed.push(isFollowing));
  place.layOut({ rowPx: 20, wraps }, true);
  place.show(200);
  const topId = () => place.lines[place.anchor.index]?.id;
  const move = (byPx: number) => place.stand(moveAnchor(place.rows, place.anchor, byPx), byPx < 0);
  return { place, followed, topId, move };
}

describe("where a reader of lines is", () => {
  test("is at the newest, and stays there while lines come", () => {
    const { place, topId, followed } = openPlace();
    place.hold(held(1, 100), undefined);
    expect(topId()).toBe(91);
    place.hold(held(1, 105), undefined);
    expect(topId()).toBe(96);
    expect(followed).toEqual([]);
  });

  test("stays with the line that is read, whatever comes before and behind it", () => {
    const { place, topId, move, followed } = openPlace();
    place.hold(held(51, 100), undefined);
    move(-205);
    expect([topId(), place.anchor.offsetPx]).toEqual([80, 15]);
    place.hold(held(1, 120), undefined);
    expect([topId(), place.anchor.offsetPx]).toEqual([80, 15]);
    expect(followed).toEqual([false]);
    place.stand(endAnchor(place.rows), false);
    expect(followed).toEqual([false, true]);
  });

  test("does not follow at the end of what is held while there are newer lines", () => {
    const { place, followed, move } = openPlace();
    place.hold(held(1, 100, 101), undefined);
    move(-20);
    move(20);
    expect(followed).toEqual([false]);
  });

  test("is at the line that was jumped to once it is there; one that a link names is in the middle", () => {
    const { place, topId } = openPlace();
    place.hold(held(9_001, 9_100), undefined);
    place.seek(500);
    place.hold(undefined, undefined);
    place.hold(held(301, 700, 701), undefined);
    expect(topId()).toBe(500);
    place.seek(500);
    place.hold(held(301, 700, 701), 500);
    expect(topId()).toBe(495);
  });

  test("draws what is seen and a margin, by the heights that wrapped rows have", () => {
    const { place, move } = openPlace(true);
    place.hold(held(1, 100), undefined);
    move(-1_000);
    const { index } = place.anchor;
    expect(place.chooseDrawn()).toEqual({ first: index - 10, end: index + 20 });
    expect(place.isWithin(place.chooseDrawn())).toBe(true);
    expect(place.abovePx(place.chooseDrawn())).toBe(200);
    place.measure(index, [100, 100]);
    expect(place.chooseDrawn()).toEqual({ first: index - 10, end: index + 12 });
    place.layOut({ rowPx: 20, wraps: false }, true);
    expect(place.chooseDrawn().end).toBe(index + 20);
  });
});
