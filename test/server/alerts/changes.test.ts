import { expect, test } from "bun:test";
import type { Alert } from "../../../server/alerts/alert.ts";
import { followAlerts } from "../../../server/alerts/changes.ts";
import { until } from "../../support/until.ts";
import { CALLER, openAlertHouse } from "./alert-house.ts";

/** Alerts with somebody who follows them. */
async function openFollowed() {
  const house = await openAlertHouse();
  const feed = followAlerts(
    { alerts: house.alerts, follow: (options) => house.events.follow(options) },
    undefined,
  );
  const heard: Alert[] = [];
  const reading = (async () => {
    for await (const alert of feed) heard.push(alert);
  })();
  return {
    ...house,
    feed,
    heard,
    async [Symbol.asyncDispose](): Promise<void> {
      await feed.return?.();
      await reading;
      await house[Symbol.asyncDispose]();
    },
  };
}

test("a bomb of raises of one alert is told at most once a second, with the last count, and stores no event", async () => {
  await using house = await openFollowed();
  await house.raise("bomb");
  await until(() => house.heard.length === 1);
  const { ring } = house.events.status();
  await Promise.all(Array.from({ length: 50 }, () => house.raise("bomb")));
  await house.clock.advance(0);
  await until(() => house.heard.length === 2);
  expect(house.heard.at(-1)).toMatchObject({ occurrences: 51, state: "firing" });
  await Promise.all(Array.from({ length: 50 }, () => house.raise("bomb")));
  await house.clock.advance(999);
  expect(house.heard.length).toBe(2);
  await house.clock.advance(1);
  await until(() => house.heard.length === 3);
  expect(house.heard.at(-1)?.occurrences).toBe(101);
  await house.clock.advance(5_000);
  expect(house.heard.length).toBe(3);
  expect(house.events.status().ring).toEqual(ring);
});

test("a change of state is told at once, whatever is raised again meanwhile", async () => {
  await using house = await openFollowed();
  const { id } = await house.raise("a");
  await house.raise("a");
  await house.alerts.resolve(id, CALLER);
  await until(() => house.heard.length === 2);
  expect(house.heard.map(({ state }) => state)).toEqual(["firing", "resolved"]);
});

test("of many that are raised again at once, a reader is told of 200 a second, and of each", async () => {
  await using house = await openFollowed();
  const raiseAll = () =>
    Promise.all(Array.from({ length: 450 }, (_, index) => house.raise(`alert ${index}`)));
  await raiseAll();
  await until(() => house.heard.length === 450);
  await raiseAll();
  for (const { told, afterMs } of [
    { told: 200, afterMs: 0 },
    { told: 400, afterMs: 1_000 },
    { told: 450, afterMs: 1_000 },
  ]) {
    await house.clock.advance(afterMs);
    await until(() => house.heard.length >= 450 + told);
    expect(house.heard.length).toBe(450 + told);
  }
  expect(new Set(house.heard.slice(450).map(({ id }) => id)).size).toBe(450);
});

test("a feed that fails lets go of everything that it follows", async () => {
  await using house = await openAlertHouse();
  let left = 0;
  const watched = <T>(source: AsyncIterableIterator<T>): AsyncIterableIterator<T> => ({
    next: () => source.next(),
    async return() {
      left++;
      return (await source.return?.()) ?? { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  });
  const alerts = {
    find: () => Promise.reject(new Error("no disk")),
    repeats: { follow: () => watched(house.alerts.repeats.follow()) },
  };
  const follow: typeof house.events.follow = (options) => watched(house.events.follow(options));
  const feed = followAlerts({ alerts, follow }, undefined);
  const failed = feed.next();
  await house.raise("a");
  await expect(failed).rejects.toThrow("no disk");
  expect(left).toBe(2);
  expect(await feed.next()).toEqual({ done: true, value: undefined });
});
