import type { SampleSource } from "../../server/metrics/sampler.ts";

/** Looks after each sampling, and settles with the first thing that `look` finds among its values by key. */
export function sampled<T>(
  samples: SampleSource,
  look: (values: ReadonlyMap<string, number>) => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const end = samples.subscribe(({ measurements }) => {
    const values = new Map(measurements.map(({ series, value }) => [series.key, value]));
    Promise.resolve(look(values)).then((found) => {
      if (found !== undefined) resolve(found);
    }, reject);
  });
  return promise.finally(end);
}
