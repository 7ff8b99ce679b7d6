import { expect, test } from "bun:test";
import { returnMemoryAfterStart } from "../../../server/cli/memory-return.ts";
import { Traffic } from "../../../server/http/traffic.ts";
import { silentLogger } from "../../../server/logs/logger.ts";
import { Timers } from "../../../server/scheduler/timers.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const LOOK_MS = 10_000;

test("memory is given back once, when the start is over and nobody asks for much", async () => {
  const clock = new ManualClock();
  const timers = new Timers(clock, silentLogger);
  const traffic = new Traffic();
  let shrunk = 0;
  returnMemoryAfterStart({ timers, traffic, shrink: () => shrunk++ });
  const answer = (requests: number): void => {
    for (let request = 0; request < requests; request++) traffic.record(1);
  };
  await clock.advance(LOOK_MS - 1);
  answer(101);
  await clock.advance(1);
  expect(shrunk).toBe(0);
  answer(100);
  await clock.advance(LOOK_MS);
  expect(shrunk).toBe(1);
  await clock.advance(10 * LOOK_MS);
  expect(shrunk).toBe(1);
  expect(timers.list()).toEqual([]);
});
