import { expect, test } from "bun:test";
import { join } from "node:path";
import { systemClock } from "../../../server/lib/clock.ts";
import { runUntilKilled } from "../../support/killed-process.ts";
import { sized } from "../../support/sizes.ts";
import { TempFolder } from "../../support/temp-folder.ts";
import { newEvents, openState } from "./bus.ts";

const KILLS = sized(4, 40);
const EVENTS = 600;
const SOURCES = 5;
const SUBSCRIBER = join(import.meta.dirname, "durable-process.ts");

test("kill -9 at any moment: every event at least once, in order within its source", async () => {
  using folder = new TempFolder();
  const path = folder.file("state.db");
  const database = openState(path);
  const events = newEvents(database, systemClock);
  await events.start();
  for (let first = 0; first < EVENTS; first += 100) {
    const batch = Array.from({ length: 100 }, (_, index) => ({
      type: "a.x",
      payload: 1,
      source: `s${(first + index) % SOURCES}`,
    }));
    await events.publishForeign(batch, "test", "test");
  }
  await events.stop();
  await database.close();
  const heard: string[] = [];
  let kills = 0;
  for (let round = 0; round < KILLS; round++) {
    const count = Math.floor((EVENTS / KILLS / 2) * (1 + Math.random()));
    const { lines, isKilled } = await runUntilKilled(SUBSCRIBER, [path], count);
    heard.push(...lines);
    if (isKilled) kills++;
  }
  heard.push(...(await runUntilKilled(SUBSCRIBER, [path])).lines);
  expect(kills).toBeGreaterThan(0);
  const bySource = Map.groupBy(heard, (line) => line.split(" ")[0] ?? "");
  expect(new Set(heard).size).toBe(EVENTS);
  for (const lines of bySource.values()) expectRepeatsOnly(lines.map((line) => Number(line.split(" ")[1])));
}, 120_000);

/** In order: a number is a repetition of what was heard before, or the next that was not. */
function expectRepeatsOnly(seqs: readonly number[]): void {
  const expected = [...new Set(seqs)].sort((a, b) => a - b);
  const firstTimes = [...new Set(seqs)];
  expect(firstTimes).toEqual(expected);
}
