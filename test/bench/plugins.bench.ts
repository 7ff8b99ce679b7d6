import { systemClock } from "../../server/lib/clock.ts";
import { launchProgram } from "../../server/plugins/jail/launch.ts";
import type { RunningPlugin } from "../../server/plugins/process/plugin-process.ts";
import { BINARY } from "../support/binary.ts";
import { CALL, startPlugin, TestBroker } from "../support/plugin-process.ts";
import { bareProcess, bareWorker } from "./echo-peers.ts";
import { type Benchmark, type Figure, median } from "./model.ts";

const STARTS = 15;
const CALLS = 5_000;
/** Requests of a plugin are read at 2,000 a second: so few pass at full speed. */
const ASKING_CALLS = 500;
const ROUNDS = 5;
const IDLE_PLUGINS = 50;
/** Long enough for what the starts left to be collected. */
const SETTLING_MS = 15_000;
const IDLE_MS = 10_000;
const TEXT = "x".repeat(200);
const MIB = 1024 * 1024;
const GOAL_START_MS = 100;
const GOAL_RATIO = 4;
const GOAL_P99_MS = 1;
const GOAL_PSS_MIB = 15;

const PLUGIN = `import { definePlugin } from "binnacle";
export default definePlugin({
  async execute(input: { text: string; isAsking?: boolean }, ctx) {
    if (input.isAsking) await ctx.state.get("key");
    return input;
  },
});`;

/** Plugins in the compiled program's jail; calls against a bare worker and a bare process, in the same run. */
const benchmark: Benchmark = {
  name: "Plugins",
  async run() {
    return [...(await starts()), ...(await roundTrips()), ...(await idle())];
  },
};
export default benchmark;

const start = (): Promise<RunningPlugin> =>
  startPlugin(PLUGIN, {
    clock: systemClock,
    broker: new TestBroker({ "state.get": () => 1 }),
    launch: (request) => launchProgram(request, { executable: BINARY, args: [], readableFolders: [] }),
  });

async function end(plugins: readonly RunningPlugin[]): Promise<void> {
  for (const plugin of plugins) plugin.kill("the benchmark is over");
  await Promise.all(plugins.map(({ exited }) => exited));
}

async function starts(): Promise<Figure[]> {
  const took: number[] = [];
  for (let run = 0; run < STARTS; run++) {
    const startedAt = performance.now();
    const plugin = await start();
    took.push(performance.now() - startedAt);
    await end([plugin]);
  }
  const note = `median of ${STARTS}, worst ${Math.max(...took).toFixed(0)} ms`;
  return [
    { name: "start to active", value: median(took), unit: "ms", goal: { atMost: GOAL_START_MS }, note },
  ];
}

/** The bare ones and the plugin take turns, so that what else runs here weighs on all. */
async function roundTrips(): Promise<Figure[]> {
  const plugin = await start();
  const worker = bareWorker();
  const echoing = bareProcess();
  const ways = {
    worker: { calls: CALLS, make: () => worker.echo(TEXT) },
    process: { calls: CALLS, make: () => echoing.echo(TEXT) },
    call: { calls: CALLS, make: () => plugin.invoke("execute", { text: TEXT }, CALL) },
    asking: {
      calls: ASKING_CALLS,
      make: () => plugin.invoke("execute", { text: TEXT, isAsking: true }, CALL),
    },
  };
  const times = {
    worker: [] as Quantiles[],
    process: [] as Quantiles[],
    call: [] as Quantiles[],
    asking: [] as Quantiles[],
  };
  for (const { make, calls } of Object.values(ways)) await timesOf(make, calls);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, { make, calls }] of Object.entries(ways)) {
      times[name as keyof typeof ways].push(await timesOf(make, calls));
    }
  }
  worker.end();
  echoing.end();
  await end([plugin]);
  const p50 = (name: keyof typeof ways) => median(times[name].map((one) => one.p50Ms));
  const p99 = (name: keyof typeof ways) => median(times[name].map((one) => one.p99Ms));
  const note = `median of ${ROUNDS} × ${CALLS} calls of 200 bytes`;
  return [
    { name: "bare worker, p50", value: p50("worker") * 1_000, unit: "µs", note },
    { name: "bare worker, p99", value: p99("worker"), unit: "ms" },
    { name: "bare process, p50", value: p50("process") * 1_000, unit: "µs" },
    { name: "bare process, p99", value: p99("process"), unit: "ms" },
    { name: "call, p50", value: p50("call") * 1_000, unit: "µs" },
    {
      name: "call, p50 against a bare worker",
      value: p50("call") / p50("worker"),
      unit: "×",
      goal: { atMost: GOAL_RATIO },
    },
    {
      name: "call, p50 against a bare process",
      value: p50("call") / p50("process"),
      unit: "×",
      note: "two wake-ups by the kernel, and nothing else",
    },
    { name: "call, p99", value: p99("call"), unit: "ms", goal: { atMost: GOAL_P99_MS } },
    {
      name: "call that asks the broker, p50",
      value: p50("asking") * 1_000,
      unit: "µs",
      note: `median of ${ROUNDS} × ${ASKING_CALLS} calls`,
    },
    {
      name: "call that asks the broker, p99",
      value: p99("asking"),
      unit: "ms",
      goal: { atMost: GOAL_P99_MS },
    },
  ];
}

async function idle(): Promise<Figure[]> {
  const plugins: RunningPlugin[] = [];
  for (let count = 0; count < IDLE_PLUGINS; count++) plugins.push(await start());
  await Bun.sleep(SETTLING_MS);
  const cpuBefore = cpuSecondsOf(plugins);
  await Bun.sleep(IDLE_MS);
  const cpuShare = (cpuSecondsOf(plugins) - cpuBefore) / (IDLE_MS / 1_000);
  const pssMib = plugins.map((plugin) => (plugin.usage()?.pssBytes ?? Number.NaN) / MIB);
  await end(plugins);
  const total = pssMib.reduce((sum, one) => sum + one, 0);
  return [
    {
      name: "memory a plugin (PSS)",
      value: median(pssMib),
      unit: "MiB",
      goal: { atMost: GOAL_PSS_MIB },
      note: `median of ${IDLE_PLUGINS} that run at once`,
    },
    { name: `memory of ${IDLE_PLUGINS} plugins (PSS)`, value: total, unit: "MiB" },
    {
      name: `CPU of ${IDLE_PLUGINS} idle plugins`,
      value: cpuShare * 100,
      unit: "% of a core",
      note: `over ${IDLE_MS / 1_000} s, ${SETTLING_MS / 1_000} s after the last start`,
    },
  ];
}

const cpuSecondsOf = (plugins: readonly RunningPlugin[]): number =>
  plugins.reduce((sum, plugin) => sum + (plugin.usage()?.cpuSeconds ?? 0), 0);

interface Quantiles {
  p50Ms: number;
  p99Ms: number;
}

async function timesOf(make: () => Promise<unknown>, calls: number): Promise<Quantiles> {
  const took: number[] = [];
  for (let call = 0; call < calls; call++) {
    const startedAt = performance.now();
    await make();
    took.push(performance.now() - startedAt);
  }
  took.sort((a, b) => a - b);
  return {
    p50Ms: took[Math.floor(calls / 2)] ?? Number.NaN,
    p99Ms: took[Math.floor(calls * 0.99)] ?? Number.NaN,
  };
}
