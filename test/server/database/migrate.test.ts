import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, statSync } from "node:fs";
import { sql } from "drizzle-orm";
import { type Migration, migrationsFrom } from "../../../schema/migrations/migration.ts";
import { SAMPLES_MIGRATIONS } from "../../../schema/migrations/samples/index.ts";
import { STATE_MIGRATIONS } from "../../../schema/migrations/state/index.ts";
import { Database } from "../../../server/database/database.ts";
import { sized } from "../../support/sizes.ts";
import { TempFolder } from "../../support/temp-folder.ts";
import { until } from "../../support/until.ts";
import { slowMigrations } from "./slow-migrations.ts";

const FIRST: Migration = {
  tag: "0000_books",
  at: 1,
  sql: `CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT NOT NULL);
        --> statement-breakpoint
        CREATE TABLE pages (id INTEGER PRIMARY KEY, book INTEGER NOT NULL REFERENCES books (id) ON DELETE CASCADE)`,
};
const SECOND: Migration = { tag: "0001_author", at: 2, sql: "ALTER TABLE books ADD COLUMN author TEXT" };
/** A table rebuilt as drizzle-kit writes it. */
const REBUILD: Migration = {
  tag: "0001_rebuild",
  at: 2,
  sql: `PRAGMA foreign_keys=OFF;
        --> statement-breakpoint
        CREATE TABLE __new_books (id INTEGER PRIMARY KEY, title TEXT);
        --> statement-breakpoint
        INSERT INTO __new_books (id, title) SELECT id, title FROM books;
        --> statement-breakpoint
        DROP TABLE books;
        --> statement-breakpoint
        ALTER TABLE __new_books RENAME TO books;
        --> statement-breakpoint
        PRAGMA foreign_keys=ON;`,
};

/** How much of the slow migration stands in the file beside the database when it is killed: nothing yet, or up to this. */
const MOST_WRITTEN_BYTES = 4 * 1_024 * 1_024;

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

const open = (folder: TempFolder, ...migrations: Migration[]): Database =>
  Database.open({ path: folder.file("state.db"), migrations, synchronous: "NORMAL" });

async function shelve(database: Database): Promise<void> {
  await database.write((tx) => {
    tx.run(sql`INSERT INTO books (id, title) VALUES (1, 'Emma')`);
    tx.run(sql`INSERT INTO pages (book) VALUES (1), (1)`);
  });
}

const rows = (database: Database, query: string): unknown[] => database.reader.all(sql.raw(query));
const snapshots = (folder: TempFolder): string[] =>
  readdirSync(folder.path).filter((name) => name.includes(".before-"));

describe("migrating", () => {
  test("a new file takes all steps and leaves no snapshot", async () => {
    using folder = new TempFolder();
    const database = open(folder, FIRST, SECOND);
    expect(rows(database, "SELECT tag FROM schema_migrations ORDER BY at")).toEqual([
      { tag: "0000_books" },
      { tag: "0001_author" },
    ]);
    expect(snapshots(folder)).toEqual([]);
    await database.close();
  });

  test("an old file is snapshot first; the snapshot opens with the old version", async () => {
    using folder = new TempFolder();
    const old = open(folder, FIRST);
    await shelve(old);
    await old.close();
    const database = open(folder, FIRST, SECOND);
    expect(rows(database, "SELECT title, author FROM books")).toEqual([{ title: "Emma", author: null }]);
    await database.close();
    expect(snapshots(folder)).toEqual(["state.db.before-0001_author"]);
    const path = folder.file("state.db.before-0001_author");
    expect(statSync(path).mode & 0o077).toBe(0);
    const before = Database.open({ path, migrations: [FIRST], synchronous: "NORMAL" });
    expect(rows(before, "SELECT * FROM books")).toEqual([{ id: 1, title: "Emma" }]);
    await before.close();
  });

  test("keeps the snapshot of the last migration only", async () => {
    using folder = new TempFolder();
    await open(folder, FIRST).close();
    await open(folder, FIRST, SECOND).close();
    const third: Migration = { tag: "0002_year", at: 3, sql: "ALTER TABLE books ADD COLUMN year INTEGER" };
    await open(folder, FIRST, SECOND, third).close();
    expect(snapshots(folder)).toEqual(["state.db.before-0002_year"]);
  });

  test("takes the snapshot anew after a failed attempt, so that it is never older than the data", async () => {
    using folder = new TempFolder();
    await open(folder, FIRST).close();
    const broken: Migration = { ...SECOND, sql: "ALTER TABLE nowhere ADD COLUMN x" };
    expect(() => open(folder, FIRST, broken)).toThrow();
    const meanwhile = open(folder, FIRST);
    await shelve(meanwhile);
    await meanwhile.close();
    await open(folder, FIRST, SECOND).close();
    const path = folder.file("state.db.before-0001_author");
    const before = Database.open({ path, migrations: [FIRST], synchronous: "NORMAL" });
    expect(rows(before, "SELECT title FROM books")).toEqual([{ title: "Emma" }]);
    await before.close();
  });

  test("rolls everything back when one step fails", async () => {
    using folder = new TempFolder();
    await open(folder, FIRST).close();
    const broken: Migration = { tag: "0002_broken", at: 3, sql: "CREATE TABLE books (id)" };
    expect(() => open(folder, FIRST, SECOND, broken)).toThrow();
    const database = open(folder, FIRST);
    expect(rows(database, "SELECT name FROM pragma_table_info('books')")).toEqual([
      { name: "id" },
      { name: "title" },
    ]);
    await database.close();
  });

  test("rebuilding a table keeps the rows that refer to it, and their constraint", async () => {
    using folder = new TempFolder();
    const old = open(folder, FIRST);
    await shelve(old);
    await old.close();
    const database = open(folder, FIRST, REBUILD);
    expect(rows(database, "SELECT count(*) AS pages FROM pages")).toEqual([{ pages: 2 }]);
    await expect(database.write((tx) => tx.run(sql`INSERT INTO pages (book) VALUES (9)`))).rejects.toThrow();
    await database.close();
  });

  test("refuses a step that would leave rows that refer to nothing", async () => {
    using folder = new TempFolder();
    const old = open(folder, FIRST);
    await shelve(old);
    await old.close();
    const careless: Migration = { tag: "0001_careless", at: 2, sql: "DELETE FROM books" };
    expect(() => open(folder, FIRST, careless)).toThrow(
      expect.objectContaining({ code: "database_corrupt" }),
    );
    const database = open(folder, FIRST);
    expect(rows(database, "SELECT count(*) AS books FROM books")).toEqual([{ books: 1 }]);
    await database.close();
  });

  test("refuses a file of a newer version and leaves it as it is", async () => {
    using folder = new TempFolder();
    await open(folder, FIRST, SECOND).close();
    const before = await Bun.file(folder.file("state.db")).bytes();
    expect(() => open(folder, FIRST)).toThrow(
      expect.objectContaining({ code: "database_newer", message: expect.stringContaining("0001_author") }),
    );
    expect(await Bun.file(folder.file("state.db")).bytes()).toEqual(before);
  });
});

test("a migration killed at any moment leaves the old schema, and the next start completes it", async () => {
  using folder = new TempFolder();
  const path = folder.file("state.db");
  const first = slowMigrations(0).slice(0, 1);
  await Database.open({ path, migrations: first, synchronous: "NORMAL" }).close();
  for (let round = 0; round < sized(4, 40); round++) {
    const child = Bun.spawn([process.execPath, `${import.meta.dir}/slow-migrations.ts`, path], {
      stdout: "pipe",
    });
    await child.stdout.getReader().read();
    const writtenBytes = round * Math.random() * MOST_WRITTEN_BYTES;
    await until(() => sizeOf(`${path}-wal`) >= writtenBytes);
    child.kill("SIGKILL");
    await child.exited;
    expect(child.signalCode).toBe("SIGKILL");
    const database = Database.open({ path, migrations: first, synchronous: "NORMAL" });
    expect(database.findDamage()).toEqual([]);
    expect(rows(database, "SELECT name FROM sqlite_schema WHERE name = 'many'")).toEqual([]);
    await database.close();
  }
  const done = Database.open({ path, migrations: slowMigrations(10), synchronous: "NORMAL" });
  expect(rows(done, "SELECT count(*) AS rows FROM many")).toEqual([{ rows: 10 }]);
  expect(existsSync(`${path}.before-0001_many.partial`)).toBe(false);
  await done.close();
}, 30_000);

describe("the embedded migrations", () => {
  test.each([
    ["state", STATE_MIGRATIONS],
    ["samples", SAMPLES_MIGRATIONS],
  ] as const)("of %s are all files of their folder, in the journal's order", (name, embedded) => {
    const folder = `${import.meta.dir}/../../../schema/migrations/${name}`;
    const files = readdirSync(folder)
      .filter((file) => file.endsWith(".sql"))
      .sort();
    expect(embedded.map((migration) => `${migration.tag}.sql`)).toEqual(files);
    expect(embedded.every((migration) => migration.sql.trim() !== "")).toBe(true);
  });

  test("a journal's step without its text stops at once", () => {
    expect(() => migrationsFrom({ entries: [{ tag: "0009_lost", when: 9 }] }, {})).toThrow("0009_lost");
  });
});
