import { expect, test } from "bun:test";
import { type Incident, IncidentWatch } from "../../../web/data/incidents.ts";
import type { LiveSample } from "../../../web/data/live.ts";
import { Observable } from "../../../web/lib/observable.ts";

/** A watch whose time, rights and answers are the test's. */
function openWatch(answer: () => Promise<{ items: Incident[]; nextCursor: null }>, canRead = true) {
  const sample = new Observable<LiveSample | undefined>(undefined);
  let nowMs = 1_000_000;
  let asked = 0;
  const watch = new IncidentWatch(
    {
      list: () => {
        asked++;
        return answer();
      },
    },
    { can: () => canRead },
    { sample, now: () => nowMs },
  );
  return {
    watch,
    asked: () => asked,
    async sampleAfter(ms: number) {
      nowMs += ms;
      sample.set({ at: nowMs, values: new Map() });
      await Promise.resolve();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

const fault = { id: "f1" } as Incident;

test("open faults are asked for with the live samples, not with each", async () => {
  const { watch, asked, sampleAfter } = openWatch(async () => ({ items: [fault], nextCursor: null }));
  await sampleAfter(0);
  for (let round = 0; round < 5; round++) await sampleAfter(5_000);
  expect(asked()).toBe(1);
  expect(watch.open.value).toEqual([fault]);
  await sampleAfter(5_000);
  expect(asked()).toBe(2);
});

test("who may not see them does not ask; a failed answer leaves what was known", async () => {
  const stranger = openWatch(async () => ({ items: [fault], nextCursor: null }), false);
  await stranger.sampleAfter(0);
  expect(stranger.asked()).toBe(0);
  let isDown = false;
  const { watch, sampleAfter } = openWatch(async () => {
    if (isDown) throw new Error("down");
    return { items: [fault], nextCursor: null };
  });
  await sampleAfter(0);
  isDown = true;
  await sampleAfter(60_000);
  expect(watch.open.value).toEqual([fault]);
});
