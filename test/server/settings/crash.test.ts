import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { STATE_MIGRATIONS } from "../../../schema/migrations/state/index.ts";
import { Database } from "../../../server/database/database.ts";
import { HistoryStore } from "../../../server/settings/history-store.ts";
import { anyOf, runUntilKilled } from "../../support/killed-process.ts";
import { sized } from "../../support/sizes.ts";
import { TempFolder } from "../../support/temp-folder.ts";

const KILLS = sized(8, 60);
/** The kill falls behind its greeting, or one of the first so many revisions. */
const MOST_SAID = 40;
const EDITOR = join(import.meta.dirname, "crash-editor.ts");

/** Lets the editor save until it has said `count` lines, and kills it; the last revision it said was saved. */
async function saveUntilKilled(path: string, count: number): Promise<number> {
  const { lines, isKilled } = await runUntilKilled(EDITOR, [path], count);
  expect(isKilled).toBe(true);
  return lines.slice(1).map(Number).at(-1) ?? 0;
}

describe("killed while settings are saved", () => {
  test(
    `${KILLS} times in a row, every saved change is there with its audit line, whole`,
    async () => {
      using folder = new TempFolder();
      const path = folder.file("state.db");
      let saved = 0;
      for (let kill = 0; kill < KILLS; kill++) {
        saved = Math.max(saved, await saveUntilKilled(path, anyOf(MOST_SAID)));
        const database = Database.open({ path, migrations: STATE_MIGRATIONS, synchronous: "FULL" });
        const newest = await new HistoryStore(database).findNewest();
        expect(database.findDamage()).toEqual([]);
        expect(newest?.revision ?? 0).toBeGreaterThanOrEqual(saved);
        const days = ((newest?.revision ?? 0) % 3_000) + 1;
        if (newest) expect(newest.overrides).toEqual({ "metrics.rawDays": days, "metrics.minuteDays": days });
        const audited = database.reader.$client
          .query<{ rows: number }, []>("SELECT count(*) AS rows FROM audit WHERE action = 'config.change'")
          .get();
        expect(audited?.rows ?? 0).toBe(newest?.revision ?? 0);
        await database.close();
      }
      expect(saved).toBeGreaterThan(KILLS);
    },
    sized(60_000, 300_000),
  );
});
