import { Database as Sqlite } from "bun:sqlite";
import { expect, test } from "bun:test";
import { configurationFiles, readConfiguration } from "../../server/compose/configuration.ts";
import { closeParts } from "../../server/compose/running.ts";
import { compose } from "../../server/compose.ts";
import { openDataFolder } from "../../server/database/data-folder.ts";
import { toAppError } from "../../server/errors/app-error.ts";
import { parsePattern } from "../../server/events/pattern.ts";
import { type Clock, systemClock } from "../../server/lib/clock.ts";
import { GUEST } from "../support/access.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { TempFolder } from "../support/temp-folder.ts";

/** Opens all parts as the commands do; the folder is released after the parts, whatever becomes of these. */
async function open(dataFolder: string, clock: Clock = systemClock) {
  const sources = { dataFolder, environment: {} };
  const files = configurationFiles(sources);
  await using opened = new AsyncDisposableStack();
  const folder = openDataFolder(dataFolder, undefined);
  opened.defer(() => folder.close());
  const parts = await compose({ configuration: readConfiguration(sources, files), files, folder, clock });
  opened.defer(() => closeParts(parts));
  return { parts, closing: opened.move() };
}

/** A table that takes no row, as on a disk without room. */
function fill(path: string, table: string): void {
  using file = new Sqlite(path);
  file.run(`CREATE TRIGGER full_${table} BEFORE INSERT ON ${table} BEGIN SELECT RAISE(FAIL, 'no room'); END`);
}

test("what cannot be written at the end keeps no database open and no folder taken", async () => {
  using temp = new TempFolder();
  const path = temp.file("data");
  const { parts, closing } = await open(path);
  fill(parts.folder.paths.stateDatabase, "audit");
  fill(parts.folder.paths.stateDatabase, "incidents");
  parts.audit.recordRefusal(GUEST, { action: "session.open", target: "ann" });
  parts.incidents.record(new Error("odd"), { where: "a test" });

  const failure: unknown = await closing.disposeAsync().then(
    () => undefined,
    (error: unknown) => error,
  );
  // Both the refusals and the incidents were tried.
  expect(failure).toBeInstanceOf(SuppressedError);
  for (const database of Object.values(parts.databases)) {
    await expect(database.write(async () => undefined)).rejects.toBeDefined();
    expect(() => database.reader).toThrow();
  }

  const again = await open(path);
  expect(again.parts.databases.state.findDamage()).toEqual([]);
  await again.closing.disposeAsync();
});

test("of several failures at the end, the first is told", () => {
  const first = Object.assign(new Error("database or disk is full"), { code: "SQLITE_FULL" });
  const both = new SuppressedError(new SuppressedError(new Error("third"), new Error("second")), first);
  expect(toAppError(both)).toMatchObject({ code: "storage_full" });
  expect(toAppError(new SuppressedError(new Error("later"), both))).toMatchObject({ code: "storage_full" });
});

test("that samples are not stored, and are again, is an event each", async () => {
  using temp = new TempFolder();
  const clock = new ManualClock();
  const { parts, closing } = await open(temp.file("data"), clock);
  await using _ = closing;
  const { events, sampler, databases } = parts;
  const heard = events.follow({ patterns: [parsePattern("metrics.*")] });
  sampler.start();
  await databases.samples.close();
  await clock.advance(20_000);
  expect((await heard.next()).value).toMatchObject({ type: "metrics.paused", source: "binnacle" });
  await databases.samples.reopen();
  await clock.advance(20_000);
  expect((await heard.next()).value).toMatchObject({
    type: "metrics.resumed",
    payload: { pausedMs: expect.any(Number) },
  });
  await heard.return?.();
});
