import { expect, test } from "bun:test";
import { merged } from "../../../server/lib/merged.ts";

/** An iterator that gives what it is told to, and ends when it is left. */
function source<T>() {
  let settle: PromiseWithResolvers<IteratorResult<T>> = Promise.withResolvers();
  const state = { left: false };
  const iterator: AsyncIterableIterator<T> = {
    next: () => settle.promise,
    async return() {
      state.left = true;
      settle.resolve({ done: true, value: undefined });
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  const give = (value: T): void => {
    const { resolve } = settle;
    settle = Promise.withResolvers();
    resolve({ done: false, value });
  };
  const end = (): void => settle.resolve({ done: true, value: undefined });
  const fail = (error: Error): void => settle.reject(error);
  return { iterator, give, end, fail, state };
}

test("what either gives comes as it is given; it ends when both have", async () => {
  const [a, b] = [source<number>(), source<number>()];
  const both = merged(a.iterator, b.iterator);
  const first = both.next();
  b.give(2);
  expect(await first).toEqual({ done: false, value: 2 });
  a.give(1);
  a.end();
  expect(await both.next()).toEqual({ done: false, value: 1 });
  b.give(3);
  expect(await both.next()).toEqual({ done: false, value: 3 });
  b.end();
  expect(await both.next()).toEqual({ done: true, value: undefined });
});

test("who leaves while both are silent leaves both, at once", async () => {
  const [a, b] = [source<number>(), source<number>()];
  const both = merged(a.iterator, b.iterator);
  const waiting = both.next();
  await both.return?.();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect([a.state.left, b.state.left]).toEqual([true, true]);
});

test("one that fails ends the other", async () => {
  const [a, b] = [source<number>(), source<number>()];
  const both = merged(a.iterator, b.iterator);
  const waiting = both.next();
  a.fail(new Error("gone"));
  await expect(waiting).rejects.toThrow("gone");
  expect(b.state.left).toBe(true);
  expect(await both.next()).toEqual({ done: true, value: undefined });
});
