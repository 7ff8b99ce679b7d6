import { EdgeProcess } from "./edge-process.ts";
import type { Benchmark, Figure } from "./model.ts";

const GOAL_PERCENT = 5;
/** The quickest answer there is, where the overhead weighs most, and one that does a little work. */
const ROUTES = [
  { path: "/livez", what: "empty answer" },
  { path: "/api/v3/system", what: "small answer" },
] as const;

/** What finding out who asks costs: the same routes asked for by nobody, who may look, and with credentials. */
const benchmark: Benchmark = {
  name: "Access (server CPU time a request)",
  async run() {
    using edge = await EdgeProcess.start("--open");
    const { port, authorization, cookie } = edge.started;
    const figures: Figure[] = [];
    for (const { path, what } of ROUTES) {
      const ask = (headers: Record<string, string>) =>
        ({ port, request: { method: "GET", path, headers } }) as const;
      const micros = await edge.measure({
        nobody: ask({}),
        session: ask({ cookie }),
        token: ask({ authorization }),
      });
      figures.push({ name: `${what}, by nobody`, value: micros.nobody, unit: "µs" });
      for (const kind of ["session", "token"] as const) {
        figures.push({
          name: `${what}, overhead of a ${kind}`,
          value: 100 * (micros[kind] / micros.nobody - 1),
          unit: "%",
          goal: { atMost: GOAL_PERCENT },
          note: `${micros[kind].toFixed(1)} µs`,
        });
      }
    }
    return figures;
  },
};

export default benchmark;
