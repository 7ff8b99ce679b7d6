import { expect, test } from "bun:test";
import { join } from "node:path";
import { systemClock } from "../../../server/lib/clock.ts";
import { sized } from "../../support/sizes.ts";
import { TempFolder } from "../../support/temp-folder.ts";
import { newIncidents, openState } from "./error-centre.ts";

const KILLS = sized(3, 30);

test("kill -9 loses nothing that was written, and what was written is whole", async () => {
  using folder = new TempFolder();
  const path = folder.file("state.db");
  let said = 0;
  for (let round = 1; round <= KILLS; round++) {
    const child = Bun.spawn([process.execPath, join(import.meta.dirname, "flushing-process.ts"), path], {
      stdout: "pipe",
      stderr: "inherit",
    });
    let lines = 0;
    let last = 0;
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      const whole = chunk.split("\n").filter(Boolean);
      lines += whole.length;
      last = Number(whole.at(-1));
      if (lines >= round + 2) break;
    }
    child.kill(9);
    await child.exited;
    said += last;
  }
  const database = openState(path);
  const incidents = newIncidents(database, systemClock);
  const { items } = await incidents.list({ limit: 10 }, {});
  const inHours = database.reader.$client
    .query<{ sum: number }, []>("SELECT sum(count) AS sum FROM incident_hours")
    .get()?.sum;
  await database.close();
  expect(items).toHaveLength(1);
  expect(items[0]?.count).toBeGreaterThanOrEqual(said);
  expect(inHours).toBe(items[0]?.count);
  expect(items[0]?.occurrences).toHaveLength(20);
}, 60_000);
