import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { systemClock } from "../../../../server/lib/clock.ts";
import { collectors, type MachineCollectors } from "../../../../server/metrics/collect/collectors.ts";
import { byKey } from "./recorded-machine.ts";

/** Allowed for what other programs do between our reading and the test's. */
const MEMORY_SLACK_BYTES = 512 * 1024 * 1024;

let machine: MachineCollectors;
let values: Record<string, number>;
let before: { context: number; monotonicMs: number };
let after: { context: number; monotonicMs: number };

const procText = (name: string) => readFileSync(`/proc/${name}`, "utf8");
const firstNumber = (text: string, pattern: RegExp) => Number(pattern.exec(text)?.[1]);
const meminfo = (name: string) =>
  firstNumber(procText("meminfo"), new RegExp(`^${name}: +(\\d+)`, "m")) * 1024;
const readContext = () => ({
  context: firstNumber(procText("stat"), /^ctxt (\d+)/m),
  monotonicMs: systemClock.monotonic(),
});
const collectAt = (at: number) =>
  byKey(machine.collectors.flatMap((collector) => [...collector.collect(at)]));

/** Burns processor time until a tick's worth is certain to show, by the process's own account. */
function workFor(cpuMs: number): void {
  const start = process.cpuUsage();
  for (;;) {
    const { user, system } = process.cpuUsage(start);
    if ((user + system) / 1000 >= cpuMs) return;
  }
}

describe.if(process.platform === "linux")("this machine", () => {
  beforeAll(async () => {
    machine = collectors({ clock: systemClock, statistics: { read: () => ({}) } });
    machine.start();
    await machine.settled();
    collectAt(0);
    before = readContext();
    workFor(300);
    after = readContext();
    values = collectAt(10_000);
  });

  afterAll(() => machine.close());

  test("has the memory that /proc/meminfo tells", () => {
    expect(values['memory_bytes{state="total"}']).toBe(meminfo("MemTotal"));
    expect(Math.abs((values['memory_bytes{state="free"}'] ?? 0) - meminfo("MemFree"))).toBeLessThan(
      MEMORY_SLACK_BYTES,
    );
    expect(values['swap_bytes{state="total"}']).toBe(meminfo("SwapTotal"));
  });

  test("has one series a core, and modes that add up to the total", () => {
    const cores = procText("stat").match(/^cpu\d+ /gm)?.length;
    expect(Object.keys(values).filter((key) => key.startsWith("cpu_core_usage_percent")).length).toBe(
      cores ?? 0,
    );
    const mode = (name: string) => values[`cpu_usage_percent{mode="${name}"}`] ?? Number.NaN;
    const parts = mode("user") + mode("system") + mode("irq") + mode("steal") + mode("nice");
    expect(mode("total")).toBeCloseTo(parts, 6);
    expect(mode("total")).toBeGreaterThan(0);
    expect(mode("total")).toBeLessThanOrEqual(100);
  });

  test("switches contexts as often as the counter in /proc/stat grew", () => {
    const expected = ((after.context - before.context) * 1000) / (after.monotonicMs - before.monotonicMs);
    const rate = values.context_switches_per_second ?? Number.NaN;
    expect(rate).toBeGreaterThan(expected * 0.5);
    expect(rate).toBeLessThan(expected * 2 + 2000);
  });

  test("has the space that df tells", () => {
    const columns = execFileSync("df", ["-B1", "--output=size,used,avail,pcent", "/"], { encoding: "utf8" });
    const [size, used, , percent] = (columns.split("\n")[1] ?? "").trim().split(/\s+/).map(Number.parseFloat);
    expect(values['disk_bytes{mount="/",state="total"}']).toBe(size ?? 0);
    expect(Math.abs((values['disk_bytes{mount="/",state="used"}'] ?? 0) - (used ?? 0))).toBeLessThan(
      MEMORY_SLACK_BYTES,
    );
    expect(Math.abs((values['disk_used_percent{mount="/"}'] ?? 0) - (percent ?? 0))).toBeLessThan(2);
  });

  test("has been up as long as /proc/uptime tells", () => {
    const uptime = Number.parseFloat(procText("uptime"));
    expect(Math.abs((values.host_uptime_seconds ?? 0) - uptime)).toBeLessThan(5);
  });

  test("has as many processes as /proc has folders, this one among them with its own work", () => {
    const folders = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).length;
    expect(Math.abs((values['processes_count{state="total"}'] ?? 0) - folders)).toBeLessThan(50);
    const own = machine.processes?.top(200).items.find(({ pid }) => pid === process.pid);
    expect(own?.cpuPercent).toBeGreaterThan(1);
    expect(own?.command).toContain("test");
    expect(Math.abs((own?.memoryBytes ?? 0) - process.memoryUsage().rss)).toBeLessThan(64 * 1024 * 1024);
    const startedAt = Date.now() - process.uptime() * 1000;
    expect(Math.abs((own?.startedAt ?? 0) - startedAt)).toBeLessThan(5000);
  });

  test("shows what Binnacle itself uses", () => {
    const descriptors = readdirSync("/proc/self/fd").length;
    expect(Math.abs((values.binnacle_file_descriptors_open ?? 0) - descriptors)).toBeLessThan(10);
    expect(values.binnacle_cpu_percent).toBeGreaterThan(1);
    expect(
      Math.abs((values['binnacle_memory_bytes{kind="rss"}'] ?? 0) - process.memoryUsage().rss),
    ).toBeLessThan(64 * 1024 * 1024);
  });

  test("gives its file descriptors back", () => {
    const open = () => readdirSync("/proc/self/fd").length;
    const atFirst = open();
    const another = collectors({ clock: systemClock, statistics: { read: () => ({}) } });
    for (const collector of another.collectors) collector.collect(1);
    expect(open()).toBeGreaterThan(atFirst + 5);
    another.close();
    expect(open()).toBe(atFirst);
  });
});
