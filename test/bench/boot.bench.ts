import { readFileSync } from "node:fs";
import { BINARY, RunningBinary, Workspace } from "../support/binary.ts";
import { type Benchmark, median } from "./model.ts";

const RUNS = 10;
const POLL_MS = 1;
/** Long enough for what the start left to be collected. */
const IDLE_MS = 15_000;
const KIB_PER_MIB = 1_024;
const GOAL_BOOT_MS = 150;
const GOAL_RSS_MIB = 110;

/** From spawn to the first 200 of /api/health, with the page cache warm and a data folder that exists. */
const benchmark: Benchmark = {
  name: "Start and idle",
  async run() {
    using workspace = new Workspace();
    await (await RunningBinary.start(workspace.path)).end();
    const boots: number[] = [];
    for (let run = 0; run < RUNS; run++) boots.push(await bootMs(workspace));
    return [
      {
        name: "binnacle --version",
        value: await versionMs(workspace),
        unit: "ms",
        note: `median of ${RUNS}`,
      },
      {
        name: "boot to healthy",
        value: median(boots),
        unit: "ms",
        goal: { atMost: GOAL_BOOT_MS },
        note: `median of ${RUNS}, worst ${Math.max(...boots).toFixed(0)} ms`,
      },
      {
        name: "idle RSS",
        value: await idleRssMib(workspace),
        unit: "MiB",
        goal: { atMost: GOAL_RSS_MIB },
        note: `${IDLE_MS / 1000} s after the start, sampling every 5 s`,
      },
    ];
  },
};
export default benchmark;

async function bootMs(workspace: Workspace): Promise<number> {
  const port = freePort();
  const startedAt = performance.now();
  const child = Bun.spawn([BINARY, "serve", "--port", String(port), "--data", workspace.file("data")], {
    cwd: workspace.path,
    stdio: ["ignore", "ignore", "ignore"],
  });
  while (!(await isHealthy(`http://127.0.0.1:${port}/api/health`))) await Bun.sleep(POLL_MS);
  const tookMs = performance.now() - startedAt;
  child.kill("SIGTERM");
  await child.exited;
  return tookMs;
}

async function versionMs(workspace: Workspace): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const startedAt = performance.now();
    await Bun.spawn([BINARY, "--version"], { cwd: workspace.path, stdio: ["ignore", "ignore", "ignore"] })
      .exited;
    times.push(performance.now() - startedAt);
  }
  return median(times);
}

async function idleRssMib(workspace: Workspace): Promise<number> {
  await using server = await RunningBinary.start(workspace.path);
  await Bun.sleep(IDLE_MS);
  const status = readFileSync(`/proc/${server.process.pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / KIB_PER_MIB;
}

/** Free at this moment; nobody else takes ports in a benchmark. */
function freePort(): number {
  const server = Bun.serve({ port: 0, fetch: () => new Response() });
  const { port } = server;
  server.stop(true);
  return port ?? 0;
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false; // not listening yet
  }
}
