/**
 * An iterator over the results of `map`. Unlike a generator's, its `return` does not stand in line behind a `next` that
 * waits: it reaches the source at once, so that whoever leaves a quiet stream holds nothing until the next value.
 */
export function mapped<From, To>(
  source: AsyncIterable<From>,
  map: (value: From) => To,
): AsyncIterableIterator<To> {
  const iterator = source[Symbol.asyncIterator]();
  const end = async (): Promise<IteratorReturnResult<undefined>> => {
    await iterator.return?.();
    return { done: true, value: undefined };
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      const step = await iterator.next();
      if (step.done) return { done: true, value: undefined };
      try {
        return { done: false, value: map(step.value) };
      } catch (error) {
        await end();
        throw error;
      }
    },
    return: end,
  };
}
