import { expect, test } from "bun:test";
import { sized } from "../../support/sizes.ts";
import { openAlertHouse } from "./alert-house.ts";

const ALERTS = sized(600, 10_000);
const ALERTS_A_MESSAGE = 500;

test("a storm of different alerts becomes a few messages that together tell of each alert once", async () => {
  await using house = await openAlertHouse();
  await house.route();
  await Promise.all(Array.from({ length: ALERTS }, (_, index) => house.raise(`alert ${index}`)));
  await house.tellAll();
  expect(house.sent.reduce((sum, { count }) => sum + count, 0)).toBe(ALERTS);
  expect(house.sent.length).toBe(Math.ceil(ALERTS / ALERTS_A_MESSAGE));
  expect(new Set(house.sent.map(({ id }) => id)).size).toBe(house.sent.length);
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
