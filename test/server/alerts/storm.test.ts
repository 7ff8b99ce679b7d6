import { expect, test } from "bun:test";
import type { NewAlert } from "../../../server/alerts/alert.ts";
import { sized } from "../../support/sizes.ts";
import { openAlertHouse } from "./alert-house.ts";

const ALERTS = sized(600, 10_000);
const ALERTS_A_MESSAGE = 500;
const MAX_GROWTH_BYTES = 250_000_000;

test("a storm of different alerts becomes a few messages that together tell of each alert once", async () => {
  await using house = await openAlertHouse();
  await house.route();
  await Promise.all(Array.from({ length: ALERTS }, (_, index) => house.raise(`alert ${index}`)));
  await house.tellAll();
  expect(house.sent.reduce((sum, { count }) => sum + count, 0)).toBe(ALERTS);
  expect(house.sent.length).toBe(Math.ceil(ALERTS / ALERTS_A_MESSAGE));
  expect(new Set(house.sent.map(({ id }) => id)).size).toBe(house.sent.length);
}, 120_000);

test("what fills messages to the last alert is followed by nothing before the interval has passed", async () => {
  const alone = 20;
  await using house = await openAlertHouse();
  await house.route({ groupBy: ["host"] });
  const raise = (from: number, count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, index) =>
        house.raise(`alert ${from + index}`, { labels: { host: `${from + index}` } }),
      ),
    );
  await raise(0, alone + ALERTS_A_MESSAGE);
  await house.tellAll();
  expect(house.sent.map(({ count }) => count).slice(alone)).toEqual([ALERTS_A_MESSAGE]);
  await raise(10_000, 3);
  await house.clock.advance(1_000);
  await house.tellAll();
  expect(house.sent.length).toBe(alone + 1);
  await house.clock.advance(300_000);
  await house.tellAll();
  expect(house.sent.reduce((sum, { count }) => sum + count, 0)).toBe(alone + ALERTS_A_MESSAGE + 3);
}, 120_000);

test("a bomb of raises of one alert is one alert that counts them, and one message", async () => {
  await using house = await openAlertHouse();
  await house.route();
  await Promise.all(Array.from({ length: ALERTS }, () => house.raise("bomb")));
  await house.tellAll();
  expect((await house.alerts.list({ limit: 5 })).items.map(({ occurrences }) => occurrences)).toEqual([
    ALERTS,
  ]);
  expect(house.sent.map(({ count }) => count)).toEqual([1]);
}, 120_000);

/** Messages and labels far beyond their limits; JSON writes each of the characters in six bytes. */
const huge = (index: number): Partial<NewAlert> => ({
  type: `t${index}`.padEnd(8_192, "\u0001"),
  labels: Object.fromEntries(
    Array.from({ length: 50 }, (_, label) => [`${label}`.padEnd(8_192, "\u0001"), "\u0001".repeat(8_192)]),
  ),
});

test("alerts of the most that they may hold are told of, in messages that a delivery can hold", async () => {
  await using house = await openAlertHouse();
  await house.route();
  const few = 60;
  await Promise.all(
    Array.from({ length: few }, (_, index) => house.raise("\u0001".repeat(8_192), huge(index))),
  );
  await house.tellAll();
  expect(house.sent.reduce((sum, { count }) => sum + count, 0)).toBe(few);
  for (const message of house.sent) {
    expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThan(262_144);
    expect(message.alerts.length).toBeGreaterThan(0);
    expect(message.message).toMatch(/… and \d+ more\.$/);
  }
}, 120_000);

test("callers that raise the same and different alerts at once lose none, in bounded memory", async () => {
  const callers = 20;
  const raises = sized(100, 950);
  await using house = await openAlertHouse();
  await house.route({ groupBy: ["caller", "turn"] });
  const before = process.memoryUsage.rss();
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      for (let turn = 0; turn < raises; turn++) {
        const labels = { caller: String(caller), turn: String(turn) };
        await Promise.all([house.raise("bomb"), house.raise("different".repeat(200), { labels })]);
      }
    }),
  );
  expect(process.memoryUsage.rss() - before).toBeLessThan(MAX_GROWTH_BYTES);
  await house.tellAll();
  const told = house.sent.reduce((sum, { count }) => sum + count, 0);
  expect(told).toBe(callers * raises + 1);
  expect(house.sent.length).toBeLessThanOrEqual(20 + Math.ceil(told / ALERTS_A_MESSAGE));
  const [bomb] = (await house.alerts.list({ limit: 1 }, { text: "bomb" })).items;
  expect(bomb?.occurrences).toBe(callers * raises);
}, 240_000);
