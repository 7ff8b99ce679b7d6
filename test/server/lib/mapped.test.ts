import { expect, test } from "bun:test";
import { mapped } from "../../../server/lib/mapped.ts";

test("leaving a stream that is quiet ends its source at once, and the wait with it", async () => {
  let hasEnded = false;
  const { promise, resolve } = Promise.withResolvers<IteratorResult<number>>();
  const quiet: AsyncIterableIterator<number> = {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => promise,
    async return() {
      hasEnded = true;
      const done = { done: true, value: undefined } as const;
      resolve(done);
      return done;
    },
  };
  const doubled = mapped(quiet, (value) => value * 2);
  const waiting = doubled.next();
  await doubled.return?.();
  expect(hasEnded).toBe(true);
  expect(await waiting).toEqual({ done: true, value: undefined });
});

test("a value that cannot be mapped ends the source", async () => {
  let hasEnded = false;
  async function* numbers(): AsyncGenerator<number> {
    try {
      yield 1;
      yield 2;
    } finally {
      hasEnded = true;
    }
  }
  const failing = mapped(numbers(), () => {
    throw new Error("no");
  });
  await expect(failing.next()).rejects.toThrow("no");
  for await (const _value of failing) throw new Error("It goes on.");
  expect(hasEnded).toBe(true);
});
