import { expect, test } from "bun:test";
import { join } from "node:path";
import { systemClock } from "../../../server/lib/clock.ts";
import { runUntilKilled } from "../../support/killed-process.ts";
import { sized } from "../../support/sizes.ts";
import { TempFolder } from "../../support/temp-folder.ts";
import { newIncidents, openState } from "./error-centre.ts";

const KILLS = sized(3, 30);
const RECORDER = join(import.meta.dirname, "flushing-process.ts");

test("kill -9 loses nothing that was written, and what was written is whole", async () => {
  using folder = new TempFolder();
  const path = folder.file("state.db");
  let said = 0;
  for (let round = 1; round <= KILLS; round++) {
    const { lines, isKilled } = await runUntilKilled(RECORDER, [path], round + 2);
    expect(isKilled).toBe(true);
    said += Number(lines.at(-1));
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
