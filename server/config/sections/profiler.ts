import { int, section } from "../setting-types.ts";

export const profiler = section("The profiler: how long operations take", {
  slowMs: int(1_000, 1, 86_400_000, {
    description: "An operation that takes at least so many milliseconds is kept as a slow one",
  }),
  sampleEvery: int(20, 0, 1_000_000, {
    description:
      "One of so many requests is looked at closely: its trace, its GraphQL resolvers, its answer; when 0, only those whose caller records a trace",
  }),
  retentionDays: int(15, 1, 366, { description: "How long statistics and slow operations are kept" }),
  maxOperations: int(1_000, 50, 20_000, {
    description: "Different operations that are kept; further ones are counted together",
  }),
  maxSlowOperations: int(1_000, 10, 100_000, {
    description: "Slow operations that are kept; the oldest go first",
  }),
  traceDays: int(3, 1, 90, { description: "How long traces are kept" }),
  maxSpans: int(100_000, 1_000, 5_000_000, {
    description: "Spans that are kept over all traces; the oldest traces go first",
  }),
});
