import { expect, test } from "bun:test";
import { encodeFrame, type Frame } from "../../../../server/plugins/channel/frames.ts";
import { Intake } from "../../../../server/plugins/channel/intake.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { settled } from "./ends.ts";

const TURN_MS = 2;
const frames = (...ids: number[]): Uint8Array =>
  Buffer.concat(ids.map((id) => encodeFrame("request", id, `[${id}]`)));

/** Each frame takes a millisecond. */
function intake(turnMs: number | undefined) {
  let elapsedMs = 0;
  const clock = Object.assign(new ManualClock(), { monotonic: () => elapsedMs });
  const taken: number[] = [];
  const told: string[] = [];
  const one = new Intake({
    clock,
    turnMs,
    take: ({ id }: Frame) => {
      taken.push(id);
      elapsedMs++;
    },
    broken: () => told.push("broken"),
    turned: () => told.push(`turn after ${taken.length}`),
  });
  return { one, taken, told };
}

test("what arrives at once is taken in turns, in order, also when more comes between", async () => {
  const { one, taken, told } = intake(TURN_MS);
  const bytes = frames(1, 2, 3, 4, 5);
  one.receive(bytes.subarray(0, -3));
  expect(taken).toEqual([1, 2]);
  expect(one.isYielding).toBe(true);
  one.receive(bytes.subarray(-3));
  expect(taken).toEqual([1, 2]);
  await settled();
  expect(taken).toEqual([1, 2, 3, 4, 5]);
  expect(one.isYielding).toBe(false);
  expect(told.slice(0, 2)).toEqual(["turn after 2", "turn after 4"]);
});

test("without a limit everything is taken at once", () => {
  const { one, taken } = intake(undefined);
  one.receive(frames(1, 2, 3, 4));
  expect(taken).toEqual([1, 2, 3, 4]);
});

test("an end waits for what has arrived before it", async () => {
  const { one, taken } = intake(TURN_MS);
  let takenAtEnd: number | undefined;
  one.receive(frames(1, 2, 3));
  one.finish(() => {
    takenAtEnd = taken.length;
  });
  expect(takenAtEnd).toBeUndefined();
  await settled();
  expect(takenAtEnd).toBe(3);
});

test("once closed, nothing that waits is taken", async () => {
  const { one, taken } = intake(TURN_MS);
  one.receive(frames(1, 2, 3));
  one.close();
  await settled();
  expect(taken).toEqual([1, 2]);
});

test("a length that cannot be is told of once it is its turn", async () => {
  const { one, taken, told } = intake(TURN_MS);
  one.receive(Buffer.concat([frames(1, 2), Uint8Array.of(1, 0, 0, 0, 0)]));
  expect(told).toEqual(["turn after 2"]);
  await settled();
  expect(taken).toEqual([1, 2]);
  expect(told).toContain("broken");
});
