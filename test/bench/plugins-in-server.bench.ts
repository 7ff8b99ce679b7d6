import { readFileSync } from "node:fs";
import { PluginServer, type PluginSource } from "../support/plugin-server.ts";
import { childrenOf } from "../support/processes.ts";
import { load } from "./http-load.ts";
import { type Benchmark, type Figure, median } from "./model.ts";

const RELOADS = 15;
const ROUNDS = 5;
const REQUESTS = 5_000;
const PLUGINS = 50;
/** Long enough for what the starts left to be collected. */
const SETTLING_MS = 15_000;
const IDLE_MS = 10_000;
const TICKS_PER_SECOND = 100;
const MS_PER_SECOND = 1_000;
const KIB_PER_MIB = 1_024;
const GOAL_RELOAD_MS = 1_000;
const GOAL_PSS_MIB = 15;

const echo = (manifest: PluginSource["manifest"] = {}, number = 0): PluginSource => ({
  manifest,
  source: `export default { execute: (input) => [input, ${number}] };`,
});

/** Plugins as the server runs them: through REST, with health checks, samples and everything else that goes on. */
const benchmark: Benchmark = {
  name: "Plugins in the server",
  async run() {
    return [...(await reloads()), ...(await requests()), ...(await many("lazy")), ...(await many("eager"))];
  },
};
export default benchmark;

/** From a saved file, and from a request, until the new process takes the calls. */
async function reloads(): Promise<Figure[]> {
  await using server = await PluginServer.start({ echo: echo() });
  await server.execute("echo");
  const saved: number[] = [];
  const asked: number[] = [];
  for (let number = 1; number <= RELOADS; number++) {
    saved.push(
      await timed(async () => {
        server.write("echo", echo({ version: `1.0.${number}` }, number));
        await server.events.until("plugin.reloaded", "echo", 2 * number - 1);
      }),
    );
    asked.push(await timed(() => server.activate("echo", "reload")));
  }
  const note = (times: readonly number[]) =>
    `median of ${RELOADS}, worst ${Math.max(...times).toFixed(0)} ms`;
  const goal = { atMost: GOAL_RELOAD_MS };
  return [
    { name: "reload after a file was saved", value: median(saved), unit: "ms", goal, note: note(saved) },
    { name: "reload on request", value: median(asked), unit: "ms", goal, note: note(asked) },
  ];
}

async function requests(): Promise<Figure[]> {
  await using server = await PluginServer.start({ echo: echo() });
  const request = {
    method: "POST",
    path: "/api/v3/plugins/execute",
    headers: { authorization: `Bearer ${server.token}` },
    body: JSON.stringify({ name: "echo", input: "x".repeat(200) }),
  } as const;
  await load(server.port, request, REQUESTS);
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const tookMs = await timed(() => load(server.port, request, REQUESTS));
    rates.push((REQUESTS / tookMs) * MS_PER_SECOND);
  }
  const note = `16 connections, median of ${ROUNDS} × ${REQUESTS}`;
  return [{ name: "calls over REST", value: median(rates), unit: "/s", note }];
}

/** What fifty plugins that nobody calls cost: the server itself, and their processes when they have some. */
async function many(activation: "lazy" | "eager"): Promise<Figure[]> {
  const plugins = Object.fromEntries(
    Array.from({ length: PLUGINS }, (_, number) => [`echo-${number}`, echo({ activation })]),
  );
  await using server = await PluginServer.start(plugins);
  if (activation === "eager") {
    await Promise.all(Object.keys(plugins).map((id) => server.events.until("plugin.started", id)));
  }
  await Bun.sleep(SETTLING_MS);
  const processes = childrenOf(server.pid);
  const before = [cpuSecondsOf(server.pid), sum(processes.map(cpuSecondsOf))] as const;
  await Bun.sleep(IDLE_MS);
  const share = (now: number, then: number): number => ((now - then) / IDLE_MS) * MS_PER_SECOND * 100;
  const name = `${PLUGINS} ${activation} plugins`;
  const note = `over ${IDLE_MS / MS_PER_SECOND} s, ${SETTLING_MS / MS_PER_SECOND} s after the start`;
  const own: Figure[] = [
    { name: `${name}: server's memory (RSS)`, value: server.rssMib(), unit: "MiB" },
    {
      name: `${name}: server's CPU`,
      value: share(cpuSecondsOf(server.pid), before[0]),
      unit: "% of a core",
      note,
    },
  ];
  if (activation === "lazy") {
    return [...own, { name: `${name}: processes`, value: processes.length, unit: "", goal: { atMost: 0 } }];
  }
  const pssMib = processes.map(pssMibOf);
  return [
    ...own,
    {
      name: `${name}: their CPU`,
      value: share(sum(processes.map(cpuSecondsOf)), before[1]),
      unit: "% of a core",
      note,
    },
    { name: `${name}: their memory (PSS)`, value: sum(pssMib), unit: "MiB" },
    {
      name: `${name}: memory of one (PSS)`,
      value: median(pssMib),
      unit: "MiB",
      goal: { atMost: GOAL_PSS_MIB },
    },
  ];
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function pssMibOf(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
  return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1]) / KIB_PER_MIB;
}
