import { expect, test } from "bun:test";
import { LazyAbort } from "../../../server/lib/lazy-abort.ts";

test("a signal is aborted with the first reason, whether it is asked for before or after", () => {
  const abort = new LazyAbort<string>();
  const { signal } = abort;
  expect(signal.aborted).toBe(false);
  abort.abort("first");
  abort.abort("second");
  expect(signal.reason).toBe("first");
  expect(abort.signal).toBe(signal);
  const late = new LazyAbort<string>();
  late.abort("before anybody asked");
  expect(late.signal.reason).toBe("before anybody asked");
  expect(late.reason).toBe("before anybody asked");
});

test("a listener is told once, at once when there is a reason already", () => {
  const abort = new LazyAbort<string>();
  const told: string[] = [];
  abort.onAbort((reason) => told.push(reason));
  expect(told).toEqual([]);
  abort.abort("now");
  abort.abort("again");
  abort.onAbort((reason) => told.push(`late: ${reason}`));
  expect(told).toEqual(["now", "late: now"]);
});
