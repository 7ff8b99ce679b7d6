import { Bell } from "./bell.ts";

/**
 * An iterator over what several give, as it comes; each is one value ahead at most. Its `return` reaches all of them at
 * once, as that of `mapped` does; one that fails ends the others. It ends when all have.
 */
export function merged<T>(...sources: AsyncIterableIterator<T>[]): AsyncIterableIterator<T> {
  const bell = new Bell();
  const ready: { source: AsyncIterableIterator<T>; step: IteratorResult<T> }[] = [];
  const failures: unknown[] = [];
  let open = sources.length;
  let hasBegun = false;
  // Not a race of promises: each race would stay with the promise of the source that is silent.
  const ask = (source: AsyncIterableIterator<T>): void => {
    source
      .next()
      .then(
        (step) => void ready.push({ source, step }),
        (error: unknown) => void failures.push(error),
      )
      .finally(() => bell.ring());
  };
  const end = async (): Promise<void> => {
    open = 0;
    bell.ring();
    await Promise.all(sources.map((source) => source.return?.()));
  };
  return {
    async next() {
      if (!hasBegun) for (const source of sources) ask(source);
      hasBegun = true;
      while (open > 0) {
        if (failures.length > 0) {
          await end();
          throw failures[0];
        }
        const first = ready.shift();
        if (!first) await bell.wait();
        else if (first.step.done) open--;
        else {
          ask(first.source);
          return { done: false, value: first.step.value };
        }
      }
      return { done: true, value: undefined };
    },
    async return() {
      await end();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
