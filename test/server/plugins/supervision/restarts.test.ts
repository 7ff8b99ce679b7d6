import { expect, test } from "bun:test";
import { Restarts } from "../../../../server/plugins/supervision/restarts.ts";
import { ManualClock } from "../../../support/manual-clock.ts";

test("however lucky, a restart waits a moment; a cancelled one never comes", async () => {
  const clock = new ManualClock();
  const restarts = new Restarts(clock, () => 0);
  let count = 0;
  restarts.count();
  restarts.schedule(() => count++);
  expect([restarts.isPending, restarts.waitMs]).toEqual([true, 250]);
  await clock.advance(249);
  expect(count).toBe(0);
  await clock.advance(1);
  expect([count, restarts.isPending, restarts.waitMs]).toEqual([1, false, 0]);
  restarts.schedule(() => count++);
  restarts.cancel();
  await clock.advance(60_000);
  expect(count).toBe(1);
});

test("waits grow with each crash of the last five minutes, which a release forgives", async () => {
  const clock = new ManualClock();
  const restarts = new Restarts(clock, () => 0.999_999);
  const waits = [1, 2].map(() => {
    restarts.count();
    restarts.schedule(() => undefined);
    return Math.round(restarts.waitMs / 10) * 10;
  });
  expect(waits).toEqual([2_250, 4_250]);
  expect(restarts.count()).toBe(3);
  restarts.forgive();
  expect([restarts.isPending, restarts.count()]).toEqual([false, 1]);
  await clock.advance(5 * 60_000);
  expect(restarts.count()).toBe(1);
});
