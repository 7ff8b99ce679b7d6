import { PROFILER_MIGRATIONS } from "../../schema/migrations/profiler/index.ts";
import { Database } from "../../server/database/database.ts";
import { systemClock } from "../../server/lib/clock.ts";
import { Profiler } from "../../server/profiler/service.ts";
import { DurationSketch, RELATIVE_ERROR } from "../../server/profiler/sketch.ts";
import { realShapedLatencies } from "../server/profiler/latencies.ts";
import { TempFolder } from "../support/temp-folder.ts";
import { EdgeProcess, userRequests } from "./edge-process.ts";
import { type Benchmark, type Figure, median } from "./model.ts";
import { withStalls } from "./stalls.ts";

const LATENCIES = 1_000_000;
const WARM_UP = 3_000;
const REQUESTS = 4_000;
const ROUNDS = 15;
const OPERATIONS = 1_000;
const STALL_ROUNDS = 9;
/** What writing and reading may hold back a request by. */
const LONGEST_TURN_MS = 10;
const NS_PER_MS = 1_000_000;
const PERCENT = 100;
const QUANTILES = [0.5, 0.9, 0.95, 0.99, 0.999];
const LIMITS = { slowMs: 60_000, retentionMs: 86_400_000, maxOperations: 2_000, maxSlowOperations: 1_000 };

/** What recording costs a request, and how exact and how heavy a sketch is. */
const benchmark: Benchmark = {
  name: "Profiler",
  async run() {
    return [...sketchFigures(), ...(await recorderFigures()), ...(await requestFigures())];
  },
};

export default benchmark;

function sketchFigures(): Figure[] {
  const durations = realShapedLatencies(LATENCIES);
  const sketch = new DurationSketch();
  const startedMs = performance.now();
  for (const one of durations) sketch.add(one);
  const addNs = ((performance.now() - startedMs) * NS_PER_MS) / LATENCIES;
  const sorted = durations.toSorted();
  const errors = QUANTILES.map((q) => {
    const exact = sorted[Math.floor(q * (LATENCIES - 1))] ?? Number.NaN;
    return (PERCENT * Math.abs(sketch.quantile(q) - exact)) / exact;
  });
  return [
    {
      name: "worst error of p50 to p99.9 over 1,000,000 latencies",
      value: Math.max(...errors),
      unit: "%",
      goal: { atMost: PERCENT * RELATIVE_ERROR },
    },
    { name: "adding a duration to a sketch", value: addNs, unit: "ns" },
    { name: "the sketch at rest", value: sketch.packBuckets().length, unit: "bytes" },
  ];
}

async function recorderFigures(): Promise<Figure[]> {
  using folder = new TempFolder();
  const database = Database.open({
    path: folder.file("profiler.db"),
    migrations: PROFILER_MIGRATIONS,
    synchronous: "NORMAL",
  });
  const announce = () => undefined;
  const parts = {
    database,
    clock: systemClock,
    limits: () => LIMITS,
    scrub: (text: string) => text,
    announce,
  };
  const profiler = new Profiler(parts);
  const names = Array.from({ length: OPERATIONS }, (_, n) => `GET /api/v3/things/${n}`);
  const rounds = LATENCIES / OPERATIONS;
  const startedMs = performance.now();
  for (let round = 0; round < rounds; round++) {
    for (const name of names) profiler.recorder.record("http", name, round, false);
  }
  const recordNs = ((performance.now() - startedMs) * NS_PER_MS) / LATENCIES;
  const fresh = await withStalls(() => profiler.flush());
  const again = await inRounds(() => {
    for (const name of names) profiler.recorder.record("http", name, 1, false);
    return withStalls(() => profiler.flush());
  });
  const read = await inRounds(() =>
    withStalls(() => profiler.statistics({ window: "24h", sort: "p95", limit: 200, course: true })),
  );
  await database.close();
  return [
    { name: "recording an operation, 1,000 names", value: recordNs, unit: "ns" },
    { name: "writing 1,000 new operations", value: fresh.elapsedMs, unit: "ms" },
    ...figuresOf("adding to 1,000 stored operations", again, "at most every 10 s"),
    ...figuresOf("statistics of 1,000 operations", read, "with the course of 200"),
  ];
}

interface Work {
  elapsedMs: number;
  /** How long the event loop was held at most. */
  stallMs: number;
}

/** The middle round: a turn of the event loop is also held by whatever else the machine does. */
async function inRounds(work: () => Promise<Work>): Promise<Work> {
  const rounds: Work[] = [];
  for (let round = 0; round < STALL_ROUNDS; round++) rounds.push(await work());
  return {
    elapsedMs: median(rounds.map(({ elapsedMs }) => elapsedMs)),
    stallMs: median(rounds.map(({ stallMs }) => stallMs)),
  };
}

const figuresOf = (name: string, { elapsedMs, stallMs }: Work, note: string): Figure[] => [
  { name, value: elapsedMs, unit: "ms", note },
  {
    name: `longest wait of other work, ${name}`,
    value: stallMs,
    unit: "ms",
    goal: { atMost: LONGEST_TURN_MS },
    note: `median of ${STALL_ROUNDS} rounds`,
  },
];

/**
 * Runs with and without recording take turns in one process. What recording adds is the median over pairs of runs that
 * followed each other: whatever else the machine does reaches both of a pair much alike.
 */
async function requestFigures(): Promise<Figure[]> {
  using edge = await EdgeProcess.start();
  const figures: Figure[] = [];
  const { rest, graphql } = userRequests(edge.started);
  for (const [name, { port, request }] of Object.entries({ REST: rest, GraphQL: graphql })) {
    const spent: Record<"with" | "without", number[]> = { with: [], without: [] };
    await edge.spend(port, request, WARM_UP);
    for (let round = 0; round < ROUNDS; round++) {
      for (const isOn of round % 2 === 0 ? [true, false] : [false, true]) {
        await edge.setRecording(isOn);
        spent[isOn ? "with" : "without"].push(await edge.spend(port, request, REQUESTS));
      }
    }
    const [withIt, without] = [median(spent.with), median(spent.without)];
    figures.push(
      { name: `${name}, recorded (CPU time a request)`, value: withIt, unit: "µs" },
      { name: `${name}, not recorded`, value: without, unit: "µs" },
      {
        name: `what recording adds to ${name}`,
        value:
          (PERCENT * median(spent.with.map((one, round) => one - (spent.without[round] ?? one)))) / without,
        unit: "%",
        goal: { atMost: 3 },
        note: `median of ${ROUNDS} pairs of runs in turn`,
      },
    );
  }
  return figures;
}
