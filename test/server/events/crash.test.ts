import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../server/lib/clock.ts";
import { sized } from "../../support/sizes.ts";
import { newEvents, openState } from "./bus.ts";

const KILLS = sized(4, 40);
const EVENTS = 600;
const SOURCES = 5;
const LONGEST_LIFE_MS = 60_000;

/** Runs the subscriber; kills it after `killAfter` lines, or lets it finish. */
async function live(path: string, killAfter: number): Promise<{ lines: string[]; killed: boolean }> {
  const child = Bun.spawn([process.execPath, join(import.meta.dirname, "durable-process.ts"), path], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const timer = setTimeout(() => child.kill(9), LONGEST_LIFE_MS);
  let text = "";
  let killed = false;
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (killed || text.split("\n").length <= killAfter) continue;
    killed = true;
    child.kill(9);
  }
  await child.exited;
  clearTimeout(timer);
  // A line that was cut by the kill was not said.
  return {
    lines: text
      .slice(0, text.lastIndexOf("\n") + 1)
      .split("\n")
      .filter(Boolean),
    killed,
  };
}

test("kill -9 at any moment: every event at least once, in order within its source", async () => {
  const folder = mkdtempSync(join(tmpdir(), "binnacle-events-crash-"));
  const path = join(folder, "state.db");
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
    const { lines, killed } = await live(path, Math.floor((EVENTS / KILLS / 2) * (1 + Math.random())));
    heard.push(...lines);
    if (killed) kills++;
  }
  heard.push(...(await live(path, Number.POSITIVE_INFINITY)).lines);
  rmSync(folder, { recursive: true, force: true });
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
