import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { systemClock } from "../../../server/lib/clock.ts";
import { anyOf, runUntilKilled } from "../../support/killed-process.ts";
import { sized } from "../../support/sizes.ts";
import { TempFolder } from "../../support/temp-folder.ts";
import { SecretHouse } from "../secrets/secret-house.ts";
import { AUDIT_STEPS, SAFE_ROWS } from "./audit-crash-process.ts";

const WRITER = join(import.meta.dirname, "audit-crash-process.ts");
const KILLS = sized(5, 50);
/** The kill falls behind one of the first so many rows. */
const MOST_SAID = 60;
const TIMEOUT_MS = sized(60_000, 300_000);

let folder: TempFolder;
beforeEach(() => {
  folder = new TempFolder();
});
afterEach(() => folder[Symbol.dispose]());

/** Lets the writer append until it ends by SIGKILL, its own or one behind so many rows; how many it said. */
async function appendUntilKilled(step: string, count?: number): Promise<number> {
  const { lines, isKilled } = await runUntilKilled(WRITER, [folder.path, step], count);
  expect(isKilled).toBe(true);
  return lines.length;
}

/** The chain holds, every row that was said is there, and the file stands at the newest one. */
async function expectWhole(said: number): Promise<void> {
  await using house = await SecretHouse.open(folder.path, systemClock);
  expect(await house.auditLog.verify()).toBeUndefined();
  let rows = 0;
  for await (const batch of house.auditLog.read({ action: "test.write" })) rows += batch.length;
  expect(rows).toBeGreaterThanOrEqual(said);
  // The row under way is there or not; nothing else is.
  expect(rows).toBeLessThanOrEqual(said + 1);
  for await (const damage of house.auditLog.read({ action: "audit.damage" })) expect(damage).toEqual([]);
}

describe("killed while the audit log is written", () => {
  test.each(AUDIT_STEPS)(
    "at the step %s, every acknowledged row is there and the chain holds",
    async (step) => {
      const said = await appendUntilKilled(step);
      expect(said).toBeGreaterThanOrEqual(SAFE_ROWS);
      await expectWhole(said);
    },
    TIMEOUT_MS,
  );

  test(
    `at any moment, ${KILLS} times in a row`,
    async () => {
      let said = 0;
      let unsaid = 0;
      for (let kill = 0; kill < KILLS; kill++) {
        said += await appendUntilKilled("", anyOf(MOST_SAID));
        await using house = await SecretHouse.open(folder.path, systemClock);
        expect(await house.auditLog.verify()).toBeUndefined();
        let rows = 0;
        for await (const batch of house.auditLog.read({ action: "test.write" })) rows += batch.length;
        expect(rows).toBeGreaterThanOrEqual(said + unsaid);
        unsaid = rows - said;
        expect(unsaid).toBeLessThanOrEqual(kill + 1);
      }
      expect(said).toBeGreaterThan(KILLS);
    },
    TIMEOUT_MS,
  );
});
