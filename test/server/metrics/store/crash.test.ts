import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { sized } from "../../../support/sizes.ts";
import { DAY, HOUR, MINUTE, START, StoreFixture } from "../store-fixture.ts";

const KILLS = sized(12, 100);
/** Wide, so that hours are sealed and days rolled up within the milliseconds that a run lasts. */
const STEP = 2 * MINUTE;
const LONGEST_RUN_MS = 250;
const WRITER = join(import.meta.dir, "crash-writer.ts");

/** Lets the writer run from `startAt` for `runMs` after it is ready and kills it; the last tick it saw acknowledged. */
async function writeUntilKilled(path: string, startAt: number, runMs: number): Promise<number> {
  const writer = Bun.spawn([process.execPath, WRITER, path, String(startAt)], {
    stdout: "pipe",
    stderr: "inherit",
  });
  let text = "";
  let isReady = false;
  for await (const part of writer.stdout.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (!isReady) setTimeout(() => writer.kill("SIGKILL"), runMs);
    isReady = true;
  }
  await writer.exited;
  expect(writer.signalCode).toBe("SIGKILL");
  // The last line may be cut off: only what ends with a line break was said.
  const acknowledged = text.split("\n").slice(1, -1).map(Number);
  return acknowledged.at(-1) ?? startAt - STEP;
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
        const acknowledgedAt = await writeUntilKilled(
          fixture.path,
          startedAt,
          Math.random() * LONGEST_RUN_MS,
        );
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
