import { EdgeProcess, userRequests } from "./edge-process.ts";
import type { Benchmark } from "./model.ts";

/** REST with the whole pipeline on, against `Bun.serve` with nothing but the rows. */
const benchmark: Benchmark = {
  name: "REST, ten users (server CPU time a request)",
  async run() {
    using edge = await EdgeProcess.start();
    const { bare, rest } = userRequests(edge.started);
    const micros = await edge.measure({ bare, rest });
    return [
      { name: "bare Bun.serve", value: micros.bare, unit: "µs", note: "same rows, same service" },
      { name: "REST", value: micros.rest, unit: "µs" },
      {
        name: "REST as a share of bare",
        value: (100 * micros.bare) / micros.rest,
        unit: "%",
        goal: { atLeast: 70 },
      },
    ];
  },
};

export default benchmark;
