import { expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { type Connection, Database } from "../../../server/database/database.ts";
import { GroupCommit } from "../../../server/database/group-commit.ts";
import { AppError } from "../../../server/errors/app-error.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { TempFolder } from "../../support/temp-folder.ts";

const MIGRATIONS = [{ tag: "0000_words", at: 1, sql: "CREATE TABLE words (word TEXT PRIMARY KEY) STRICT" }];

async function withCommits(
  work: (
    commits: GroupCommit,
    seen: { commits: number; words: () => unknown[]; database: Database },
    clock: ManualClock,
  ) => Promise<void>,
): Promise<void> {
  const clock = new ManualClock();
  using folder = new TempFolder();
  const database = Database.open({
    path: folder.file("words.db"),
    migrations: MIGRATIONS,
    synchronous: "NORMAL",
  });
  const words = () =>
    database.reader.all<{ word: string }>(sql`SELECT word FROM words ORDER BY word`).map(({ word }) => word);
  const seen = { commits: 0, words, database };
  database.onWritten = () => {
    seen.commits++;
  };
  await work(new GroupCommit(database, clock), seen, clock);
  await database.close();
}

const adding =
  (word: string) =>
  async (tx: Connection): Promise<void> => {
    tx.run(sql`INSERT INTO words VALUES (${word})`);
  };

test("changes of one turn are one unit of work, of many a few, with a turn between", async () => {
  await withCommits(async (commits, seen) => {
    await Promise.all(["a", "b", "c"].map((word) => commits.write(adding(word))));
    expect([seen.commits, seen.words()]).toEqual([1, ["a", "b", "c"]]);
    let turns = 0;
    const counting = setImmediate(function count() {
      turns++;
      if (seen.commits < 5) setImmediate(count);
    });
    await Promise.all(Array.from({ length: 100 }, (_, number) => commits.write(adding(`n${number}`))));
    clearImmediate(counting);
    expect(seen.commits).toBe(5);
    expect(turns).toBeGreaterThanOrEqual(3);
  });
});

test("a change that is refused fails alone; an error of the database fails those with it, not the next", async () => {
  await withCommits(async (commits, seen) => {
    const refused = commits.write(async () => {
      throw new AppError("validation_failed");
    });
    const fine = commits.write(adding("fine"));
    await expect(refused).rejects.toMatchObject({ code: "validation_failed" });
    await fine;
    const group = await Promise.allSettled(
      [adding("with it"), adding("fine")].map((one) => commits.write(one)),
    );
    expect(group.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await commits.write(adding("next"));
    expect(seen.words()).toEqual(["fine", "next"]);
  });
});

test("what a change wrote and was to announce before it was refused is undone, and nothing of the others", async () => {
  await withCommits(async (commits, seen) => {
    const announced: string[] = [];
    const telling = (word: string) => async (tx: Connection) => {
      await adding(word)(tx);
      seen.database.afterCommit(() => announced.push(word));
    };
    const refused = commits.write(async (tx) => {
      await telling("half")(tx);
      throw new AppError("overloaded");
    });
    const [first] = await Promise.allSettled([refused, commits.write(telling("whole"))]);
    expect(first).toMatchObject({ status: "rejected", reason: { code: "overloaded" } });
    await commits.write(telling("next"));
    expect([seen.commits, seen.words(), announced]).toEqual([2, ["next", "whole"], ["whole", "next"]]);
  });
});

test("after a commit that took long the next one waits three times as long, and no longer than 100 ms", async () => {
  await withCommits(async (commits, seen, clock) => {
    for (const [tookMs, restMs] of [
      [10, 30],
      [1_000, 100],
    ] as const) {
      await commits.write(async () => void (await clock.advance(tookMs)));
      const before = seen.commits;
      const next = commits.write(adding(`after ${tookMs}`));
      await clock.advance(restMs - 1);
      expect(seen.commits).toBe(before);
      await clock.advance(1);
      await next;
    }
  });
});
