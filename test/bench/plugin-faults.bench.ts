import { FAULTS, type FaultName, NEIGHBOUR } from "../support/plugin-faults.ts";
import { PluginServer } from "../support/plugin-server.ts";
import { type Benchmark, type Figure, median } from "./model.ts";
import { OpenLoopProcess, type OpenLoopTimes } from "./open-loop.ts";

const ROUNDS = 5;
const PER_SECOND = 150;
const RUN_MS = 2_000;
/** For one run of a fault: it goes on for the whole of it. */
const CALL_MS = RUN_MS;
/** Calls of the faulty plugin under way at once. */
const CALLERS = 2;
const GOAL_RATIO = 3;
/** What a call is told of how long it should go on, where it would end. */
const INPUTS: Partial<Record<FaultName, number>> = { "log-flood": 1_000_000, "request-flood": CALL_MS };
const EVENTS = { events: [{ type: "fault.told", payload: null }] };

/**
 * What other requests notice of a plugin that fails: a read at a fixed rate while the fault is provoked again and again,
 * against the same read while all is quiet, taken in turn. One server for each fault: none is to explain another's figure.
 * `FAULTS=a,b` takes those only.
 */
const benchmark: Benchmark = {
  name: "Other requests while a plugin fails",
  async run() {
    await using loop = await OpenLoopProcess.start();
    const chosen = process.env.FAULTS?.split(",");
    const names = (Object.keys(FAULTS) as FaultName[]).filter((name) => chosen?.includes(name) ?? true);
    const figures: Figure[] = [];
    for (const name of names) figures.push(await measure(name, loop));
    return figures;
  },
};
export default benchmark;

async function measure(name: FaultName, loop: OpenLoopProcess): Promise<Figure> {
  await using server = await PluginServer.start({ [name]: FAULTS[name], neighbour: NEIGHBOUR });
  const run = (): Promise<OpenLoopTimes> =>
    loop.run({
      url: `${server.address}/api/v3/plugins/neighbour`,
      headers: { authorization: `Bearer ${server.token}` },
      perSecond: PER_SECOND,
      durationMs: RUN_MS,
    });
  const isAlwaysThere = name.startsWith("middleware-") || name === "health-hangs";
  await run();
  const quiet: OpenLoopTimes[] = [];
  const faulty: OpenLoopTimes[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    if (isAlwaysThere) await server.activate(name, "stop");
    quiet.push(await run());
    if (isAlwaysThere) {
      await server.activate(name, "start");
      await run(); // the first requests pay its time, until it rests
    }
    const provoking = new AbortController();
    const provoked = Array.from({ length: CALLERS }, () => provoke(server, name, provoking.signal));
    faulty.push(await run());
    provoking.abort();
    await Promise.all(provoked);
  }
  const p99 = (times: readonly OpenLoopTimes[]): number => median(times.map(({ p99Ms }) => p99Ms));
  const failed = faulty.reduce((sum, times) => sum + times.failed, 0);
  return {
    name,
    value: p99(faulty) / p99(quiet),
    unit: "×",
    goal: { atMost: GOAL_RATIO },
    note: `p99 ${p99(quiet).toFixed(1)} → ${p99(faulty).toFixed(1)} ms, p50 ${median(quiet.map(({ p50Ms }) => p50Ms)).toFixed(1)} → ${median(faulty.map(({ p50Ms }) => p50Ms)).toFixed(1)} ms${failed > 0 ? `, ${failed} FAILED` : ""}`,
  };
}

/** Brings the fault about, and again whenever it is over; a plugin that rests or is quarantined is let out at once. */
async function provoke(server: PluginServer, name: FaultName, signal: AbortSignal): Promise<void> {
  const input = INPUTS[name] ?? null;
  while (!signal.aborted) {
    if (name === "crash-in-hook") await server.send("POST", "/api/v3/events", EVENTS);
    const { status, body } = await server.execute(name, input, CALL_MS);
    if (name === "crash-in-shutdown") await server.activate(name, "stop");
    if (body.code === "plugin_quarantined") await server.activate(name, "release");
    else if (status !== 200) await server.activate(name, "start");
    await Bun.sleep(10);
  }
}
