import { expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { AppError } from "../../../server/errors/app-error.ts";
import type { Delivery } from "../../../server/outbox/delivery.ts";
import { until } from "../events/bus.ts";
import { openPostOffice } from "./post-office.ts";

const KIND = "inner";
const COUNT = 250;

/** Deliveries that write the numbers they carry; `fails` throws for some after they wrote. */
async function openBook(fails: (delivery: Delivery) => unknown = () => undefined) {
  const office = await openPostOffice();
  const attempts: unknown[] = [];
  await office.database.write((tx) => void tx.run(sql`CREATE TABLE book (number INTEGER PRIMARY KEY)`));
  office.outbox.register({
    kind: KIND,
    async deliverIn(tx, delivery) {
      attempts.push(delivery.payload);
      tx.run(sql`INSERT INTO book VALUES (${Number(delivery.payload)})`);
      const thrown = fails(delivery);
      if (thrown !== undefined) throw thrown;
      return { outcome: "delivered" };
    },
  });
  return {
    office,
    attempts,
    post: (payload: number) => office.post(payload, { kind: KIND, target: "book" }),
    numbers: () =>
      office.database.reader
        .all<{ number: number }>(sql`SELECT number FROM book ORDER BY rowid`)
        .map(({ number }) => number),
    waiting: () => office.outbox.listTargets().find(({ kind }) => kind === KIND)?.waiting ?? 0,
    [Symbol.asyncDispose]: () => office.close(),
  };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, number) => number);

test("what stays within the database is done and settled together, many in one unit of work, in order", async () => {
  await using book = await openBook();
  let writes = 0;
  await book.office.outbox.pause(KIND, "book");
  for (const number of upTo(COUNT)) await book.post(number);
  book.office.database.onWritten = () => {
    writes++;
  };
  await book.office.outbox.resume(KIND, "book");
  await until(() => book.waiting() === 0);
  expect(book.numbers()).toEqual(upTo(COUNT));
  expect(book.attempts.length).toBe(COUNT);
  // The resumption, three times up to 100, and a look that finds nothing.
  expect(writes).toBeLessThanOrEqual(5);
});

test("one that fails leaves nothing of what it wrote, is tried again, and those after it keep their place", async () => {
  let isBroken = true;
  await using book = await openBook(({ payload }) =>
    payload === 2 && isBroken ? new Error("not now") : undefined,
  );
  for (const number of upTo(5)) await book.post(number);
  await until(() => book.waiting() === 3 && book.attempts.filter((one) => one === 2).length >= 1);
  expect(book.numbers()).toEqual([0, 1]);
  await until(() => book.office.outbox.listTargets().some(({ failures }) => failures === 1));
  isBroken = false;
  await book.office.clock.advance(60_000);
  await until(() => book.waiting() === 0);
  expect(book.numbers()).toEqual(upTo(5));
});

test("one that always fails becomes a dead letter after its attempts, and the next goes on", async () => {
  await using book = await openBook(({ payload }) => (payload === 0 ? new Error("never") : undefined));
  await book.post(0);
  await book.post(1);
  for (let turn = 0; turn < 20 && book.waiting() > 0; turn++) {
    await until(
      () => book.waiting() === 0 || book.office.outbox.listTargets().some((one) => one.failures > turn),
    );
    await book.office.clock.advance(3_600_000);
  }
  await until(() => book.numbers().length === 1);
  const { items } = await book.office.outbox.list({ limit: 10 }, { state: "dead" });
  expect(items).toMatchObject([{ payload: "0", attempts: 12, lastError: expect.any(String) }]);
});

test("a full disk is no delivery's fault: nothing counts against it", async () => {
  let isFull = true;
  await using book = await openBook(() => (isFull ? new AppError("storage_full", "Full.") : undefined));
  await book.post(0);
  await until(() => book.attempts.length === 1);
  isFull = false;
  await book.office.clock.advance(10_000);
  await until(() => book.waiting() === 0);
  const { items } = await book.office.outbox.list({ limit: 10 });
  expect(items).toMatchObject([{ state: "delivered", attempts: 1 }]);
});
