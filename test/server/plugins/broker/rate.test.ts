import { expect, test } from "bun:test";
import { OpenCount, RateBucket } from "../../../../server/plugins/broker/rate.ts";
import { ManualClock } from "../../../support/manual-clock.ts";

test("so many are open at a time; to give a place back twice frees one", () => {
  const places = new OpenCount(2);
  const first = places.take("sockets");
  places.take("sockets");
  expect(() => places.take("sockets")).toThrow("A plugin may have 2 sockets at a time.");
  first();
  first();
  expect(places.open).toBe(1);
  places.take("sockets");
  expect(() => places.take("sockets")).toThrow(expect.objectContaining({ code: "overloaded" }));
});

test("what is asked too often is refused with the time until the next", () => {
  const bucket = new RateBucket({ perSecond: 4, burst: 1 }, new ManualClock());
  bucket.require("log");
  const refused = expect.objectContaining({ code: "rate_limited", retryAfterMs: 250 });
  expect(() => bucket.require("log")).toThrow(refused);
});
