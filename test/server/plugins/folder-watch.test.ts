import { expect, test } from "bun:test";
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { systemClock } from "../../../server/lib/clock.ts";
import { FolderWatch } from "../../../server/plugins/folder-watch.ts";
import { TempFolder } from "../../support/temp-folder.ts";

/** Looks that begin later than anything here was written. */
const NOTHING_MISSED = Number.POSITIVE_INFINITY;

/** Hears of changes one by one. */
function watching(): { watch: FolderWatch; heard: () => number; next: () => Promise<void> } {
  let count = 0;
  let wake = (): void => undefined;
  const watch = new FolderWatch(systemClock, () => {
    count++;
    wake();
  });
  const next = (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    wake = resolve;
    return promise;
  };
  return { watch, heard: () => count, next };
}

test("several steps of an edit are one change; folders that are no longer followed are not heard of", async () => {
  using folder = new TempFolder();
  const [followed, left] = [folder.file("followed"), folder.file("left")];
  for (const path of [followed, left]) mkdirSync(path);
  const { watch, heard, next } = watching();
  watch.follow([followed, left, folder.file("absent")], NOTHING_MISSED);
  watch.follow([followed], NOTHING_MISSED);
  const change = next();
  for (const name of ["a", "b", "a~"]) writeFileSync(`${left}/${name}`, "");
  for (const name of ["a", "b", "a~"]) writeFileSync(`${followed}/${name}`, "");
  await change;
  expect(heard()).toBe(1);
  watch.stop();
});

test("a folder that is written into all the time is looked at all the same", async () => {
  using folder = new TempFolder();
  const { watch, next } = watching();
  watch.follow([folder.path], NOTHING_MISSED);
  const change = next();
  // Until it is noticed: each write comes before the quiet that a look waits for.
  const writing = setInterval(() => writeFileSync(folder.file("log"), `${performance.now()}`), 10);
  await change;
  clearInterval(writing);
  watch.stop();
});

test("what changed between a look and the first notice is told of; what the look has seen is not", async () => {
  using folder = new TempFolder();
  const lookedAtMs = Date.now();
  const [seen, changed] = [folder.file("seen"), folder.file("changed")];
  for (const path of [seen, changed]) mkdirSync(path);
  const minuteBefore = new Date(lookedAtMs - 60_000);
  utimesSync(seen, minuteBefore, minuteBefore);
  const { watch, heard, next } = watching();
  watch.follow([seen], lookedAtMs);
  watch.flush();
  expect(heard()).toBe(0);
  const change = next();
  watch.follow([seen, changed], lookedAtMs);
  await change;
  watch.follow([seen, changed], lookedAtMs);
  watch.flush();
  expect(heard()).toBe(1);
  watch.stop();
});
