import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RunningBinary, runBinary, Workspace } from "../support/binary.ts";
import { SocketLoadProcess } from "../support/socket-load-process.ts";
import type { Benchmark, Figure } from "./model.ts";

const SOCKETS = 10_000;
const INTERVAL_SECONDS = 5;
const MEASURED_SECONDS = 30;
const SETTLE_SECONDS = 10;
const TICKS_A_SECOND = 100;
const PATH = "/api/v3/ws/live-metrics";
const GOAL_SOCKET_BYTES = 4_096;
const GOAL_CORE_PERCENT = 3;
const RAW_ROUNDS = 5;
const UNLIMITED = {
  BINNACLE_LIMITS__SOCKETS__PER_MINUTE: "10000000",
  BINNACLE_LIMITS__SOCKETS__BURST: "10000000",
};

/** 10,000 live readers of the compiled server in another process, and the ways a bare Bun.serve sends as much. */
const benchmark: Benchmark = {
  name: `Live metrics, ${SOCKETS.toLocaleString("en")} sockets`,
  async run() {
    const { figures, frameBytes } = await measureBinnacle();
    return [...figures, ...(await measureBare(frameBytes))];
  },
};
export default benchmark;

async function measureBinnacle(): Promise<{ figures: Figure[]; frameBytes: number }> {
  using workspace = new Workspace();
  const token = await makeToken(workspace);
  await using server = await RunningBinary.start(workspace.path, { env: UNLIMITED });
  const { pid } = server.process;
  await Bun.sleep(SETTLE_SECONDS * 1_000);
  const idlePercent = await corePercent(pid, MEASURED_SECONDS);
  const idleBytes = rssBytes(pid);
  await using load = await SocketLoadProcess.start({
    port: Number(new URL(server.address).port),
    path: `${PATH}?interval=${INTERVAL_SECONDS}`,
    count: SOCKETS,
    headers: { authorization: `Bearer ${token}` },
  });
  await Bun.sleep(SETTLE_SECONDS * 1_000);
  const percent = await corePercent(pid, MEASURED_SECONDS);
  const socketBytes = (rssBytes(pid) - idleBytes) / SOCKETS;
  const { open, frames } = await load.report();
  const deltas = frames.filter(({ type, readers }) => type === "delta" && readers === SOCKETS);
  const frameBytes = Math.round(deltas.reduce((sum, one) => sum + one.sizeBytes, 0) / deltas.length);
  const figures: Figure[] = [
    {
      name: "sockets that got every delta",
      value: open,
      unit: "",
      goal: { atLeast: SOCKETS },
      note: `${deltas.length} deltas of ${frameBytes} bytes`,
    },
    { name: "memory a socket", value: socketBytes, unit: "bytes RSS", goal: { atMost: GOAL_SOCKET_BYTES } },
    {
      name: "processor for the sockets",
      value: percent - idlePercent,
      unit: "% of a core",
      goal: { atMost: GOAL_CORE_PERCENT },
      note: `every ${INTERVAL_SECONDS} s, uncompressed; without readers ${idlePercent.toFixed(2)} %`,
    },
  ];
  return { figures, frameBytes };
}

/** Processor time of one round to all sockets: a loop of sends, one publish, and both with per-message deflate. */
async function measureBare(frameBytes: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const mode of ["send", "publish", "send deflated", "publish deflated"]) {
    const child = Bun.spawn(
      [process.execPath, join(import.meta.dirname, "bare-sockets.ts"), mode, String(frameBytes)],
      {
        stdio: ["ignore", "pipe", "inherit"],
        ipc: () => undefined,
      },
    );
    const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const port = Number((await lines.read()).value);
    const headers = mode.endsWith("deflated") ? { "sec-websocket-extensions": "permessage-deflate" } : {};
    await using _load = await SocketLoadProcess.start({
      port,
      path: "/",
      count: SOCKETS,
      headers: { ...headers },
    });
    let spentMs = 0;
    for (let round = 0; round < RAW_ROUNDS; round += 1) {
      child.send("round");
      spentMs += Number((await lines.read()).value);
    }
    child.kill();
    await child.exited;
    figures.push({ name: `bare Bun.serve: ${mode}`, value: spentMs / RAW_ROUNDS, unit: "CPU ms a round" });
  }
  return figures;
}

async function makeToken(workspace: Workspace): Promise<string> {
  const here = { cwd: workspace.path, env: { BINNACLE_DATA: "data" } };
  const add = ["user", "add", "admin", "--role", "admin", "--password-file", "-"];
  await runBinary(add, { ...here, stdin: "correct horse battery staple" });
  const create = ["token", "create", "--user", "admin", "--name", "bench", "--scopes", "*", "--json"];
  return (JSON.parse((await runBinary(create, here)).stdout) as { token: string }).token;
}

/** Processor time of a process over some seconds, as a share of one core. */
async function corePercent(pid: number, seconds: number): Promise<number> {
  const before = cpuTicks(pid);
  const startedAt = performance.now();
  await Bun.sleep(seconds * 1_000);
  const elapsedSeconds = (performance.now() - startedAt) / 1_000;
  return ((cpuTicks(pid) - before) / TICKS_A_SECOND / elapsedSeconds) * 100;
}

/** utime + stime of proc_pid_stat(5), in hundredths of a second. */
function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

function rssBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1_024;
}
