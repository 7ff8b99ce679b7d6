import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { anyOf, runUntilKilled } from "../../../support/killed-process.ts";
import { sized } from "../../../support/sizes.ts";
import { DAY, HOUR, MINUTE, START, StoreFixture } from "../store-fixture.ts";

const KILLS = sized(12, 100);
/** Wide, so that hours are sealed and days rolled up within the milliseconds that a run lasts. */
const STEP = 2 * MINUTE;
/** The kill falls behind its greeting, or one of the first so many ticks. */
const MOST_SAID = 400;
const WRITER = join(import.meta.dir, "crash-writer.ts");

/** Lets the writer run from `startAt` until it has said `count` lines, and kills it; the last tick it acknowledged. */
async function writeUntilKilled(path: string, startAt: number, count: number): Promise<number> {
  const { lines, isKilled } = await runUntilKilled(WRITER, [path, String(startAt)], count);
  expect(isKilled).toBe(true);
  return lines.slice(1).map(Number).at(-1) ?? startAt - STEP;
}

describe("killed at any moment", () => {
  test(
    `${KILLS} times in a row, every acknowledged tick is there and the file is sound`,
    async () => {
      const fixture = new StoreFixture();
      await fixture.database.close();
      let nextAt = START;
      let ticks = 0;
      for (let kill = 0; kill < KILLS; kill += 1) {
        const startedAt = nextAt;
        const acknowledgedAt = await writeUntilKilled(fixture.path, startedAt, anyOf(MOST_SAID));
        await fixture.database.reopen();
        await fixture.store.reload();
        expect(fixture.database.findDamage()).toEqual([]);
        expect(fixture.store.status()).toMatchObject({ lostRows: 0, damagedChunks: 0 });
        if (acknowledgedAt >= START) {
          const storedAt = await expectComplete(
            fixture,
            Math.max(START, acknowledgedAt - 20 * HOUR),
            acknowledgedAt,
          );
          ticks += (storedAt - startedAt) / STEP + 1;
          nextAt = storedAt + STEP;
        }
        await fixture.database.close();
      }
      expect(ticks).toBeGreaterThan(KILLS);
      await fixture.close();
    },
    60_000 + KILLS * 2_000,
  );
});

/** Every tick of [from, to] is there once with its value, in every series; returns the last, which may be one unsaid more. */
async function expectComplete(fixture: StoreFixture, from: number, to: number): Promise<number> {
  let lastAt = 0;
  for (const part of [0, 40, 79]) {
    const found = fixture.store.findSeries(`crash_total{part="${part}"}`);
    if (!found) throw new Error("a series is missing");
    const times: number[] = [];
    const query = { seriesIds: [found.id], from, to: to + DAY, resolution: "raw" } as const;
    for await (const { rows } of fixture.store.exportRows(query)) {
      times.push(...rows.times);
      expect(rows.min).toEqual(rows.times.map((time) => time / STEP));
    }
    lastAt = times.at(-1) ?? 0;
    expect(lastAt).toBeGreaterThanOrEqual(to);
    expect(lastAt).toBeLessThanOrEqual(to + STEP);
    expect(times).toEqual(Array.from({ length: (lastAt - from) / STEP + 1 }, (_, i) => from + i * STEP));
  }
  return lastAt;
}
