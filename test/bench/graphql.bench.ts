import { EdgeProcess, userRequests } from "./edge-process.ts";
import type { Benchmark } from "./model.ts";

/** GraphQL with the whole pipeline on, without and with the cache of answers, against the same rows over REST. */
const benchmark: Benchmark = {
  name: "GraphQL, ten users (server CPU time a request)",
  async run() {
    using plain = await EdgeProcess.start();
    const uncached = await plain.measure(userRequests(plain.started));
    using caching = await EdgeProcess.start("--cache");
    const cached = await caching.measure(userRequests(caching.started));
    return [
      { name: "bare Bun.serve", value: uncached.bare, unit: "µs" },
      { name: "REST", value: uncached.rest, unit: "µs" },
      { name: "GraphQL, uncached", value: uncached.graphql, unit: "µs" },
      { name: "GraphQL, cached", value: cached.graphql, unit: "µs", note: "REST itself is not cached" },
      {
        name: "uncached, as a share of REST",
        value: (100 * uncached.rest) / uncached.graphql,
        unit: "%",
        goal: { atLeast: 45 },
      },
      {
        name: "uncached, as a share of bare",
        value: (100 * uncached.bare) / uncached.graphql,
        unit: "%",
      },
      {
        name: "cached, as a share of REST",
        value: (100 * cached.rest) / cached.graphql,
        unit: "%",
        goal: { atLeast: 70 },
      },
      { name: "cached, as a share of bare", value: (100 * cached.bare) / cached.graphql, unit: "%" },
    ];
  },
};

export default benchmark;
