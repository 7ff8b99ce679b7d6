import { describe, expect, test } from "bun:test";
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { sql } from "drizzle-orm";
import type { Migration } from "../../../schema/migrations/migration.ts";
import { type Connection, Database } from "../../../server/database/database.ts";
import { AppError, errorCodeOf } from "../../../server/errors/app-error.ts";
import { sized } from "../../support/sizes.ts";
import { TempFolder } from "../../support/temp-folder.ts";

const MIGRATIONS: Migration[] = [
  { tag: "0000_notes", at: 1, sql: "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)" },
];

const open = (folder: TempFolder, name = "state.db"): Database =>
  Database.open({ path: folder.file(name), migrations: MIGRATIONS, synchronous: "NORMAL" });

const add = async (tx: Connection, text: string): Promise<void> => {
  tx.run(sql`INSERT INTO notes (text) VALUES (${text})`);
};
const texts = (database: Database): string[] =>
  database.reader.all<{ text: string }>(sql`SELECT text FROM notes ORDER BY id`).map((row) => row.text);

/** Files of the database that this process still holds open. */
const heldFiles = (folder: TempFolder): string[] =>
  readdirSync("/proc/self/fd").flatMap((name) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${name}`);
      return target.startsWith(folder.path) ? [target] : [];
    } catch {
      return [];
    }
  });

describe("a unit of work", () => {
  test("is seen whole by readers once it is committed, and not before", async () => {
    using folder = new TempFolder();
    const database = open(folder);
    const { promise: gate, resolve: proceed } = Promise.withResolvers<void>();
    const writing = database.write(async (tx) => {
      await add(tx, "one");
      await gate;
      await add(tx, "two");
      return "done";
    });
    await Bun.sleep(0);
    expect(texts(database)).toEqual([]);
    proceed();
    expect(await writing).toBe("done");
    expect(texts(database)).toEqual(["one", "two"]);
    await database.close();
  });

  test("leaves nothing when it throws, and the next one works", async () => {
    using folder = new TempFolder();
    const database = open(folder);
    const failing = database.write(async (tx) => {
      await add(tx, "one");
      throw new Error("changed my mind");
    });
    await expect(failing).rejects.toThrow("changed my mind");
    await database.write((tx) => add(tx, "two"));
    expect(texts(database)).toEqual(["two"]);
    await database.close();
  });

  test("lets a constraint's own error through, with its code, for the store to name", async () => {
    using folder = new TempFolder();
    const database = open(folder);
    await database.write((tx) => add(tx, "same"));
    const error = await database.write((tx) => add(tx, "same")).catch((thrown: unknown) => thrown);
    expect(errorCodeOf(error)).toBe("SQLITE_CONSTRAINT_UNIQUE");
    await database.close();
  });

  test("runs alone: hundreds begun at once keep their order and never interleave", async () => {
    using folder = new TempFolder();
    const database = open(folder);
    let inside = 0;
    const units = Array.from({ length: sized(200, 2_000) }, (_, index) =>
      database.write(async (tx) => {
        expect(++inside).toBe(1);
        await add(tx, `${index}`);
        await Promise.resolve();
        inside--;
      }),
    );
    await Promise.all(units);
    expect(texts(database)).toEqual(units.map((_, index) => `${index}`));
    await database.close();
  });

  test("refuses to begin inside another instead of waiting for itself", async () => {
    using folder = new TempFolder();
    const database = open(folder);
    const nested = database.write(async () => database.write((tx) => add(tx, "inner")));
    await expect(nested).rejects.toMatchObject({ code: "internal" });
    let later: Promise<void> = Promise.resolve();
    const ended = Promise.withResolvers<void>();
    await database.write(async (tx) => {
      await add(tx, "outer");
      later = ended.promise.then(() => database.write((inner) => add(inner, "after it ended")));
    });
    ended.resolve();
    await later;
    expect(texts(database)).toEqual(["outer", "after it ended"]);
    await database.close();
  });

  test("is refused at once when too many wait", async () => {
    using folder = new TempFolder();
    const database = open(folder);
    const { promise: gate, resolve: proceed } = Promise.withResolvers<void>();
    const first = database.write(() => gate);
    const waiting = Array.from({ length: 9_999 }, () => database.write(() => 1));
    await expect(database.write(() => 1)).rejects.toMatchObject({ code: "overloaded" });
    proceed();
    await Promise.all([first, ...waiting]);
    await database.close();
  });

  test("cannot be had through the reader", async () => {
    using folder = new TempFolder();
    const database = open(folder);
    expect(() => database.reader.$client.run("INSERT INTO notes (text) VALUES ('x')")).toThrow("readonly");
    await database.close();
  });
});

describe("closing", () => {
  test("folds the WAL in and holds no file, although statements are still in people's hands", async () => {
    using folder = new TempFolder();
    const database = open(folder);
    const held = database.reader.$client.prepare("SELECT text FROM notes");
    for (let index = 0; index < 700; index++) database.reader.all(sql.raw(`SELECT ${index} FROM notes`));
    await database.write((tx) => add(tx, "one"));
    expect(held.all()).toEqual([{ text: "one" }]);
    const walking = held.iterate();
    expect(walking.next().value).toEqual({ text: "one" });
    await database.close();
    expect(existsSync(folder.file("state.db-wal"))).toBe(false);
    expect(heldFiles(folder)).toEqual([]);
    expect(() => held.all()).toThrow("closed");
  });

  test("waits for the unit under way, then refuses until it is reopened", async () => {
    using folder = new TempFolder();
    const database = open(folder);
    const { promise: gate, resolve: proceed } = Promise.withResolvers<void>();
    const writing = database.write(async (tx) => {
      await gate;
      await add(tx, "late");
    });
    const closing = database.close();
    const tooLate = database.write((tx) => add(tx, "too late"));
    proceed();
    await writing;
    await closing;
    await expect(tooLate).rejects.toMatchObject({ code: "not_ready" });
    expect(() => database.reader).toThrow("is closed");
    await database.reopen();
    expect(texts(database)).toEqual(["late"]);
    await database.close();
  });

  test("and reopening under load loses no acknowledged change", async () => {
    using folder = new TempFolder();
    const database = open(folder);
    const acknowledged: string[] = [];
    let refused = 0;
    const load = (async () => {
      for (let index = 0; index < sized(400, 4_000); index++) {
        await database
          .write((tx) => add(tx, `${index}`))
          .then(() => acknowledged.push(`${index}`))
          .catch((error: unknown) => {
            if (!(error instanceof AppError) || error.code !== "not_ready") throw error;
            refused++;
          });
        if (index % 40 === 0) await Bun.sleep(0);
      }
    })();
    for (let round = 0; round < 5; round++) {
      await database.close();
      await Bun.sleep(0);
      await database.reopen();
      await Bun.sleep(0);
    }
    await load;
    expect(texts(database)).toEqual(acknowledged);
    expect(refused).toBeGreaterThan(0);
    expect(database.findDamage()).toEqual([]);
    await database.close();
  });

  test("lets another file take its place: the old one's end does not touch the new one's WAL", async () => {
    using folder = new TempFolder();
    const other = open(folder, "other.db");
    await other.write((tx) => add(tx, "from the other"));
    await other.close();
    const database = open(folder);
    await database.write((tx) => add(tx, "old"));
    await database.close();
    copyFileSync(folder.file("other.db"), folder.file("state.db"));
    await database.reopen();
    await database.write((tx) => add(tx, "new"));
    Bun.gc(true);
    await Bun.sleep(0);
    expect(existsSync(folder.file("state.db-wal"))).toBe(true);
    expect(texts(database)).toEqual(["from the other", "new"]);
    await database.close();
  });
});

describe("opening", () => {
  test("makes a file that only its owner reads", async () => {
    using folder = new TempFolder();
    const database = open(folder);
    await database.write((tx) => add(tx, "x"));
    for (const name of ["state.db", "state.db-wal"]) {
      expect(statSync(folder.file(name)).mode & 0o077).toBe(0);
    }
    await database.close();
  });

  test("refuses what is no database, naming the file", () => {
    using folder = new TempFolder();
    writeFileSync(folder.file("state.db"), "this is a letter, not a database. ".repeat(100));
    expect(() => open(folder)).toThrow(expect.objectContaining({ code: "database_corrupt" }));
    expect(readFileSync(folder.file("state.db"), "utf8")).toStartWith("this is a letter");
    expect(heldFiles(folder)).toEqual([]);
  });

  test("refuses a folder that is not there", () => {
    using folder = new TempFolder();
    expect(() => open(folder, "absent/state.db")).toThrow(
      expect.objectContaining({ code: "storage_unavailable" }),
    );
  });

  test("takes page size and incremental vacuum for a new file", async () => {
    using folder = new TempFolder();
    const database = Database.open({
      path: folder.file("samples.db"),
      migrations: MIGRATIONS,
      synchronous: "NORMAL",
      pageSizeBytes: 8_192,
      incrementalVacuum: true,
    });
    expect(database.reader.all<unknown>(sql`PRAGMA page_size`)).toEqual([{ page_size: 8_192 }]);
    expect(database.reader.all<unknown>(sql`PRAGMA auto_vacuum`)).toEqual([{ auto_vacuum: 2 }]);
    await database.close();
  });
});

test("damage is found and named", async () => {
  using folder = new TempFolder();
  const database = open(folder);
  for (let index = 0; index < 500; index++)
    await database.write((tx) => add(tx, `${index} ${"x".repeat(100)}`));
  await database.close();
  const bytes = readFileSync(folder.file("state.db"));
  bytes.fill(0xff, bytes.length - 8_192, bytes.length - 4_096);
  writeFileSync(folder.file("state.db"), bytes);
  await database.reopen();
  expect(database.findDamage()).not.toEqual([]);
  await database.close();
});

test("an announcement that throws is reported, after the commit, and the ones beside it are made", async () => {
  using folder = new TempFolder();
  const database = Database.open({
    path: folder.file("state.db"),
    migrations: MIGRATIONS,
    synchronous: "NORMAL",
  });
  const [reported, announced]: [unknown[], string[]] = [[], []];
  database.onFailedAnnouncement = (error) => reported.push(error);
  const done = await database.write(async () => {
    database.afterCommit(() => announced.push("first"));
    database.afterCommit(() => {
      throw new Error("nobody listens");
    });
    database.afterCommit(() => announced.push("last"));
    return "committed";
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(done).toBe("committed");
  expect(announced).toEqual(["first", "last"]);
  expect(reported).toMatchObject([{ message: "nobody listens" }]);
  await database.close();
});
