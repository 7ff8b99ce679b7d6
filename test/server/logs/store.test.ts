import { describe, expect, test } from "bun:test";
import { parseTextQuery } from "../../../server/logs/text-query.ts";
import { sized } from "../../support/sizes.ts";
import { DAY_MS, LogFixture, START } from "./log-fixture.ts";

/** More than a block holds. */
const BLOCKS_OF_LINES = 5_000;
const MANY = sized(200_000, 10_000_000);
const BATCH = 5_000;
const numbered = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, n) => `request ${from + n} done`);

describe("the log store", () => {
  test("gives lines newest first, page after page, across blocks and what is not sealed yet", async () => {
    await using logs = new LogFixture();
    await logs.add(numbered(BLOCKS_OF_LINES));
    await logs.add(["the last one"]);
    const all = await logs.search("");
    expect(all.map(({ id }) => id)).toEqual(all.map((_, n) => all.length - n));
    expect([all[0]?.message, all.at(-1)?.message]).toEqual(["the last one", "request 0 done"]);
  });

  test("finds by word, phrase, field and their absence, sealed or not", async () => {
    await using logs = new LogFixture();
    await logs.add(["db pool exhausted"], { fields: { user: "alice", status: 503 } });
    await logs.add(numbered(BLOCKS_OF_LINES));
    await logs.add(["pool of the db"]);
    expect(await logs.messages("db pool")).toEqual(["pool of the db", "db pool exhausted"]);
    expect(await logs.messages('"db pool"')).toEqual(["db pool exhausted"]);
    expect(await logs.messages("status=503 user=alice")).toEqual(["db pool exhausted"]);
    expect(await logs.messages("db -exhausted")).toEqual(["pool of the db"]);
    expect(await logs.messages("request 4711")).toEqual(["request 4711 done"]);
    expect(await logs.messages("nowhere")).toEqual([]);
  });

  test("finds by level, source and time", async () => {
    await using logs = new LogFixture();
    await logs.add(["a"], { level: "error", source: "db", at: START });
    await logs.add(numbered(BLOCKS_OF_LINES), { at: START + 1_000 });
    await logs.add(["b"], { level: "warning", source: "db", at: START + 2_000 });
    expect(await logs.messages("", { levels: ["error", "warning"] })).toEqual(["b", "a"]);
    expect(await logs.messages("", { sources: ["db"] })).toEqual(["b", "a"]);
    expect(await logs.messages("", { sources: ["nobody"] })).toEqual([]);
    expect(await logs.messages("", { to: START })).toEqual(["a"]);
    expect(await logs.messages("", { from: START + 1_001 })).toEqual(["b"]);
  });

  test("never takes one source for another, whatever they call themselves", async () => {
    await using logs = new LogFixture();
    const names = ["half \ud83d", "half \ud83e", "good"];
    for (const source of names) await logs.add([source], { source });
    await logs.restart();
    await logs.add(["newcomer"], { source: "newcomer" });
    const told = (await logs.search("")).map(({ source }) => source);
    expect(told).toEqual(["newcomer", "good", "half \ufffd", "half \ufffd"]);
    expect(logs.store.sources().map(({ name, lines }) => [name, lines])).toEqual([
      ["good", 1],
      ["half \ufffd", 2],
      ["newcomer", 1],
    ]);
  });

  test("goes upwards from a line, too", async () => {
    await using logs = new LogFixture();
    await logs.add(numbered(BLOCKS_OF_LINES));
    const { lines, next } = await logs.store.lines.list({}, { start: 2_040, direction: "up", most: 20 });
    expect(lines.map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, n) => 2_040 + n));
    expect(next).toBe(2_060);
    expect((await logs.store.lines.find(2_049))?.message).toBe("request 2048 done");
    expect(await logs.store.lines.find(BLOCKS_OF_LINES + 1)).toBeUndefined();
  });

  test("keeps every acknowledged line and every number over a restart", async () => {
    await using logs = new LogFixture();
    await logs.add(numbered(BLOCKS_OF_LINES));
    await logs.add(["with\nnewlines"], { fields: { deep: { er: [1, "x"] }, no: null } });
    await logs.restart();
    await logs.add(["after"]);
    const [after, before] = await logs.search("", {});
    expect(after).toMatchObject({ id: BLOCKS_OF_LINES + 2, message: "after" });
    expect(before).toMatchObject({ message: "with\nnewlines", fields: { "deep.er": [1, "x"], no: null } });
    expect(logs.store.status().lines).toBe(BLOCKS_OF_LINES + 2);
  });

  test("lets others run while many lines come in, at once or one after the other", async () => {
    await using logs = new LogFixture();
    const fields = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`field${n}`, { deep: "value" }]));
    const many = Array.from({ length: 5_000 }, (_, n) => logs.line(`line ${n}`, { fields }));
    let turns = 0;
    let isBusy = true;
    const turn = (): void => {
      turns++;
      if (isBusy) setImmediate(turn);
    };
    setImmediate(turn);
    await logs.store.append(many);
    const turnsOfOne = turns;
    for (let n = 0; n < 1_000; n++) await logs.store.append(many.slice(n, n + 1));
    isBusy = false;
    expect(turnsOfOne).toBeGreaterThan(1);
    expect(turns - turnsOfOne).toBeGreaterThan(1);
  });

  test("takes all lines of an append or none", async () => {
    await using logs = new LogFixture();
    await logs.add(["kept"]);
    const alongside = (): never => {
      throw new Error("alongside");
    };
    const failing = logs.store.append([logs.line("lost")], { alongside });
    expect(failing).rejects.toThrow("alongside");
    await failing.catch(() => undefined);
    await logs.add(["next"]);
    expect((await logs.search("")).map(({ id, message }) => [id, message])).toEqual([
      [2, "next"],
      [1, "kept"],
    ]);
  });

  test("cuts what is too long and says by how much", async () => {
    await using logs = new LogFixture();
    await logs.add(["x".repeat(100_000)]);
    const [line] = await logs.search("");
    expect((line?.message.length ?? 0) + Number(line?.fields.cutCharacters)).toBe(100_000);
  });

  test("keeps texts that look like its own marks, and broken Unicode, apart from each other", async () => {
    await using logs = new LogFixture();
    const hostile = ["a\x1eb\x1fc\x1dd\x1ce\0f", "\ud800 half", '"; DROP TABLE log_blocks; --'];
    await logs.add(hostile);
    await logs.add(numbered(BLOCKS_OF_LINES));
    expect((await logs.search("-done")).map(({ message }) => message)).toEqual([
      '"; DROP TABLE log_blocks; --',
      "\ufffd half",
      "a b c d e f",
    ]);
  });

  test("counts lines over time by level, whether a bar holds blocks or cuts them", async () => {
    await using logs = new LogFixture();
    for (let n = 0; n < BLOCKS_OF_LINES; n += 1_000) {
      await logs.add(numbered(1_000, n), { at: START + n, level: n === 0 ? "error" : "info" });
    }
    const request = { from: START, to: START + 5_000, buckets: 5 };
    const counted = await logs.store.lines.histogram({}, request);
    expect(counted.isComplete).toBe(true);
    expect(counted.buckets.map(({ counts }) => counts.info + counts.error)).toEqual(Array(5).fill(1_000));
    const errors = await logs.store.lines.histogram({ levels: ["error"] }, request);
    expect(errors.buckets.map(({ counts }) => counts.error)).toEqual([1_000, 0, 0, 0, 0]);
    const words = await logs.store.lines.histogram({ text: parseTextQuery("4711") }, request);
    expect(words.buckets.map(({ counts }) => counts.info)).toEqual([0, 0, 0, 0, 1]);
  });

  test("leaves a damaged block out and tells of it", async () => {
    await using logs = new LogFixture();
    await logs.add(numbered(BLOCKS_OF_LINES));
    await logs.store.sealed();
    await logs.database.write(
      (tx) => void tx.$client.run("UPDATE log_texts SET packed = x'00' WHERE id = 1"),
    );
    expect((await logs.search("")).length).toBe(BLOCKS_OF_LINES - 2_048);
    expect(logs.store.status().damagedBlocks).toBe(1);
  });

  test("deletes what is too old, and never gives a number twice", async () => {
    await using logs = new LogFixture();
    await logs.add(numbered(2_048));
    logs.clock.setWall(START + 15 * DAY_MS);
    await logs.store.maintain();
    expect(await logs.messages()).toEqual([]);
    await logs.restart();
    await logs.add(["next"]);
    expect((await logs.search(""))[0]?.id).toBe(2_049);
  });

  test("takes nothing while the disk is nearly full, says so, and goes on after", async () => {
    await using logs = new LogFixture();
    logs.disk = { freeBytes: 4, totalBytes: 100 };
    expect(logs.add(["refused"])).rejects.toMatchObject({ code: "storage_full" });
    await logs.add(["refused"]).catch(() => undefined);
    logs.disk = { freeBytes: 7, totalBytes: 100 };
    await logs.clock.advance(5_000);
    await logs.add(["taken"]);
    expect(await logs.messages()).toEqual(["taken"]);
    expect(logs.pauses).toEqual(["paused", "resumed"]);
    expect(logs.store.status()).toMatchObject({ isPaused: false, refusedLines: 2 });
  });

  test(
    `keeps ${MANY} lines within their budget, the newest, and finds them`,
    async () => {
      await using logs = new LogFixture();
      const budgetBytes = 16 * 1_024 * 1_024;
      logs.configure({ budgetBytes });
      for (let n = 0; n < MANY; n += BATCH) {
        await logs.store.append(
          Array.from({ length: BATCH }, (_, k) => {
            const id = n + k;
            return logs.line(
              `GET /item/${(id * 7_919) % 100_003} took ${id % 997} ms ${Bun.hash(String(id))}`,
            );
          }),
        );
        if (n % (10 * BATCH) === 0) await logs.store.maintain();
      }
      await logs.store.maintain();
      const { sizeBytes, lines } = logs.store.status();
      expect(sizeBytes).toBeLessThanOrEqual(budgetBytes);
      expect(lines).toBeGreaterThan(MANY / 100);
      expect(await logs.messages(`${Bun.hash(String(MANY - 1))}`)).toHaveLength(1);
    },
    sized(60_000, 1_800_000),
  );
});
