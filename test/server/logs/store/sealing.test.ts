import { describe, expect, test } from "bun:test";
import { marksOf } from "../../../../server/logs/store/head.ts";
import { SealThread } from "../../../../server/logs/store/seal-thread.ts";
import { LogFixture, START } from "../log-fixture.ts";

const BLOCK = 2_048;
const RETRY_MS = 5_000;
const numbered = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, n) => `request ${from + n} done`);

const tailRows = (logs: LogFixture): number =>
  logs.database.reader.$client.query<{ n: number }, []>("SELECT count(*) AS n FROM log_tail").get()?.n ?? -1;

const rename = (logs: LogFixture, from: string, to: string): Promise<void> =>
  logs.database.write((tx) => void tx.$client.run(`ALTER TABLE ${from} RENAME TO ${to}`));

async function expectLines(logs: LogFixture, count: number): Promise<void> {
  const lines = await logs.search("request", {}, 1_000);
  expect(lines.map(({ id }) => id)).toEqual(Array.from({ length: count }, (_, n) => count - n));
  expect(lines.at(-1)?.message).toBe("request 0 done");
}

describe("sealing", () => {
  test("goes on beside: every line is found once before, while and after its block is sealed", async () => {
    await using logs = new LogFixture();
    await logs.add(numbered(3 * BLOCK + 10));
    await expectLines(logs, 3 * BLOCK + 10);
    await logs.store.sealed();
    expect(tailRows(logs)).toBe(1);
    await expectLines(logs, 3 * BLOCK + 10);
    expect(logs.store.status().lines).toBe(3 * BLOCK + 10);
  });

  test("that fails loses nothing: further lines are refused once too much waits, and it is tried again", async () => {
    await using logs = new LogFixture();
    await rename(logs, "log_texts", "gone");
    await logs.add(numbered(4 * BLOCK));
    await logs.store.sealed();
    expect(logs.add(["refused"])).rejects.toMatchObject({ code: "internal" });
    await logs.add(["refused"]).catch(() => undefined);
    await expectLines(logs, 4 * BLOCK);
    await rename(logs, "gone", "log_texts");
    await logs.clock.advance(RETRY_MS);
    await logs.add(numbered(1, 4 * BLOCK));
    await logs.store.sealed();
    expect(tailRows(logs)).toBe(1);
    await expectLines(logs, 4 * BLOCK + 1);
  });

  test("stores a block once, though nobody heard of it and it is asked for again", async () => {
    await using logs = new LogFixture();
    const marks = marksOf([{ at: START, level: 0, sourceId: 1, text: "request 0 done" }]);
    const thread = new SealThread(logs.clock);
    for (const sealedAt of [START, START + 1]) {
      await thread.pack(logs.database.path, { firstId: 1, marks, texts: ["request 0 done"] });
      await logs.database.lend(() => thread.store(sealedAt));
    }
    await thread.end();
    const blocks = logs.database.reader.$client.query("SELECT id, sealed_at FROM log_blocks").all();
    expect(blocks).toEqual([{ id: 1, sealed_at: START }]);
  });

  test("is done after a restart with what was not sealed before", async () => {
    await using logs = new LogFixture();
    await rename(logs, "log_texts", "gone");
    await logs.add(numbered(BLOCK + 100));
    await logs.add(numbered(BLOCK, BLOCK + 100));
    await logs.store.sealed();
    await rename(logs, "gone", "log_texts");
    await logs.restart();
    await expectLines(logs, 2 * BLOCK + 100);
    await logs.store.sealed();
    expect(tailRows(logs)).toBe(1);
    await expectLines(logs, 2 * BLOCK + 100);
  });

  test("keeps the moment a block came in, however late it is sealed", async () => {
    await using logs = new LogFixture();
    await logs.add(numbered(BLOCK));
    await logs.store.sealed();
    const row = logs.database.reader.$client.query<{ at: number }, []>(
      "SELECT sealed_at AS at FROM log_blocks",
    );
    expect(row.get()?.at).toBe(START);
  });
});

describe("a damaged row of the tail", () => {
  test("costs its own lines; the others keep their numbers, and none is given twice", async () => {
    await using logs = new LogFixture();
    await logs.add(["one", "two"]);
    await logs.add(["lost", "lost too"]);
    await logs.add(["five"]);
    await logs.add(["lost at the end"]);
    await logs.database.write(
      (tx) => void tx.$client.run("UPDATE log_tail SET marks = x'00' WHERE id IN (3, 6)"),
    );
    await logs.restart();
    await logs.add(["new"]);
    await logs.store.sealed();
    const found = (await logs.search("")).map(({ id, message }) => [id, message] as const);
    expect(found.slice(1)).toEqual([
      [5, "five"],
      [2, "two"],
      [1, "one"],
    ]);
    expect(found[0]?.[1]).toBe("new");
    expect(found[0]?.[0]).toBeGreaterThan(6);
    expect(logs.store.status().damagedBlocks).toBe(2);
  });
});
