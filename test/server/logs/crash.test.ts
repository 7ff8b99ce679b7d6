import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LogLine } from "../../../server/logs/line.ts";
import { anyOf, runUntilKilled } from "../../support/killed-process.ts";
import { sized } from "../../support/sizes.ts";
import { LogFixture } from "./log-fixture.ts";

const KILLS = sized(8, 100);
/** The kill falls somewhere behind one of the first so many acknowledgements: in an append, a sealing, a file. */
const MOST_ACKNOWLEDGED = 25;
const FILE_LINES = 40_000;
const WRITER = join(import.meta.dir, "crash-writer.ts");

async function linesOf(logs: LogFixture, source: string): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const batch of logs.store.lines.export({ sources: [source] })) lines.push(...batch);
  return lines;
}

test(
  `killed ${KILLS} times while lines come in, none that was acknowledged is lost, and a file is taken exactly once`,
  async () => {
    await using logs = new LogFixture();
    const watched = logs.folder.file("app.log");
    const written = Array.from({ length: FILE_LINES }, (_, n) => `file line ${n}`);
    writeFileSync(watched, `${written.join("\n")}\n`);
    let next = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      await logs.close();
      const args = [logs.database.path, watched, String(next)];
      const { lines, isKilled } = await runUntilKilled(WRITER, args, anyOf(MOST_ACKNOWLEDGED));
      expect(isKilled).toBe(true);
      const acknowledged = Number(lines.at(-1));
      await logs.restart();
      expect(logs.database.findDamage()).toEqual([]);
      const sent = (await linesOf(logs, "sent")).map(({ at }) => at);
      expect(sent).toEqual(sent.map((_, n) => n));
      expect(sent.length).toBeGreaterThan(acknowledged);
      next = sent.length;
      const taken = (await linesOf(logs, "file")).map(({ message }) => message);
      expect(taken).toEqual(written.slice(0, taken.length));
      expect(logs.store.status().damagedBlocks).toBe(0);
    }
    const ids = (await logs.search("", {}, 5_000)).map(({ id }) => id);
    expect(ids).toEqual(ids.map((_, n) => ids.length - n));
  },
  60_000 + KILLS * 5_000,
);
