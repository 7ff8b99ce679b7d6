import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { Measurement } from "../../../../server/metrics/collect/collector.ts";
import {
  type CollectorOptions,
  collectors,
  type MachineCollectors,
} from "../../../../server/metrics/collect/collectors.ts";
import { parseSeriesKey, seriesKey } from "../../../../server/metrics/series.ts";
import { byKey, pidStat, RecordedFolder, STAT, SteadyClock, WHOLE_MACHINE } from "./recorded-machine.ts";

const SIZE = { bsize: 4096, blocks: 1000, bfree: 400, bavail: 300, files: 200, ffree: 150 };

let folder: RecordedFolder;
let clock: SteadyClock;
let machine: MachineCollectors | undefined;

beforeEach(() => {
  folder = new RecordedFolder();
  clock = new SteadyClock();
});

afterEach(() => {
  machine?.close();
  folder.remove();
});

function choose(options: Partial<CollectorOptions>): MachineCollectors {
  machine = collectors({
    clock,
    statistics: { read: () => ({}) },
    procRoot: folder.root,
    sysRoot: `${folder.root}/sys`,
    passwdPath: `${folder.root}/passwd`,
    readFileSystemSize: () => Promise.resolve(SIZE),
    eventLoopDelay: { start() {}, take: () => ({ medianSeconds: 0.001, p99Seconds: 0.002 }), stop() {} },
    ...options,
  });
  return machine;
}

function collectAll(from: MachineCollectors, at: number): Measurement[] {
  return from.collectors.flatMap((collector) => [...collector.collect(at)]);
}

const sourcesOf = (from: MachineCollectors) =>
  Object.fromEntries(from.availability().map(({ name, source }) => [name, source]));

describe("on Linux", () => {
  test("everything comes from the kernel's files, and the disks' sizes are there at the first tick", async () => {
    folder.write(WHOLE_MACHINE);
    const from = choose({ platform: "linux" });
    expect(new Set(Object.values(sourcesOf(from)))).toEqual(new Set(["procfs"]));
    expect(from.availability().every(({ reason }) => reason === undefined)).toBe(true);
    from.start();
    await from.settled();
    expect(byKey(collectAll(from, 1000))).toHaveProperty(['disk_used_percent{mount="/"}'], (100 * 600) / 900);
  });

  test("the second tick has every binding name, each key once and canonical, and finite values", async () => {
    folder.write({ ...WHOLE_MACHINE, "40/stat": pidStat({ pid: 40 }) });
    const from = choose({
      platform: "linux",
      statistics: {
        read: () => ({
          httpRequests: 5,
          httpDurationSeconds: { median: 0.1, p99: 0.2 },
          socketsOpen: 1,
          stateDatabaseBytes: 1,
          samplesDatabaseBytes: 1,
        }),
      },
    });
    from.start();
    await from.settled();
    collectAll(from, 1000);
    clock.ms += 5000;
    folder.write({ stat: STAT.replaceAll("126382", "126982").replaceAll(" 64452 ", " 64752 ") });
    const measurements = collectAll(from, 6000);
    expect([...new Set(measurements.map(({ series }) => series.name))].sort()).toEqual([
      "binnacle_cpu_percent",
      "binnacle_database_bytes",
      "binnacle_event_loop_lag_seconds",
      "binnacle_file_descriptors_open",
      "binnacle_http_request_duration_seconds",
      "binnacle_http_requests_per_second",
      "binnacle_memory_bytes",
      "binnacle_sockets_open",
      "context_switches_per_second",
      "cpu_core_usage_percent",
      "cpu_usage_percent",
      "disk_busy_percent",
      "disk_bytes",
      "disk_inodes_used_percent",
      "disk_operations_per_second",
      "disk_read_bytes_per_second",
      "disk_used_percent",
      "disk_written_bytes_per_second",
      "file_descriptors_limit",
      "file_descriptors_open",
      "host_uptime_seconds",
      "interrupts_per_second",
      "load_average",
      "memory_bytes",
      "memory_used_percent",
      "network_errors_per_second",
      "network_packets_per_second",
      "network_received_bytes_per_second",
      "network_sent_bytes_per_second",
      "pressure_stall_percent",
      "processes_count",
      "swap_bytes",
      "swap_used_percent",
    ]);
    const keys = measurements.map(({ series }) => series.key);
    expect(new Set(keys).size).toBe(keys.length);
    for (const { series, value } of measurements) {
      const { name, labels } = parseSeriesKey(series.key);
      expect(seriesKey(name, labels)).toBe(series.key);
      expect(series.help.endsWith(".")).toBe(true);
      expect(Number.isFinite(value)).toBe(true);
    }
  });

  test("what the kernel lacks has its reason, and the rest goes on", () => {
    const { "pressure/cpu": _, diskstats: __, ...rest } = WHOLE_MACHINE;
    folder.write(rest);
    const from = choose({ platform: "linux" });
    expect(from.availability().filter(({ source }) => source !== "procfs")).toEqual([
      { name: "pressure", source: "unavailable", reason: `${folder.root}/pressure/cpu cannot be read` },
      { name: "disk-io", source: "unavailable", reason: `${folder.root}/diskstats cannot be read` },
    ]);
    expect(from.collectors.map(({ name }) => name)).not.toContain("pressure");
    expect(byKey(collectAll(from, 1000))).toHaveProperty("host_uptime_seconds", 1829.23);
  });

  test("a file that vanishes while running leaves a gap and comes back", () => {
    folder.write(WHOLE_MACHINE);
    const from = choose({ platform: "linux" });
    const uptimeAt = (at: number) => byKey(collectAll(from, at)).host_uptime_seconds;
    expect(uptimeAt(1000)).toBe(1829.23);
    folder.write({ uptime: "" });
    expect(uptimeAt(6000)).toBeUndefined();
    folder.write({ uptime: "1839.23 1.0\n" });
    expect(uptimeAt(11_000)).toBe(1839.23);
  });

  test("garbage in every file throws nothing", () => {
    folder.write(
      Object.fromEntries(Object.keys(WHOLE_MACHINE).map((name) => [name, "\0\uffff(: =}-\n".repeat(99)])),
    );
    folder.write({ "1/stat": "\0) ( -\n" });
    const from = choose({ platform: "linux" });
    collectAll(from, 1000);
    clock.ms += 5000;
    expect(collectAll(from, 6000).every(({ series }) => series.name.startsWith("binnacle_"))).toBe(true);
  });
});

describe("without /proc", () => {
  test("node:os answers what it can, each with its reason, and the rest says why not", async () => {
    const from = choose({ platform: "darwin", fallbackMountPoints: ["/", "/data"] });
    expect(sourcesOf(from)).toEqual({
      cpu: "node:os",
      load: "node:os",
      pressure: "unavailable",
      memory: "node:os",
      "disk-space": "node:os",
      "disk-io": "unavailable",
      network: "unavailable",
      "file-descriptors": "unavailable",
      processes: "unavailable",
      host: "node:os",
      self: "node:os",
    });
    expect(from.availability().every(({ reason }) => reason?.startsWith("darwin has no /proc/"))).toBe(true);
    expect(from.processes).toBeUndefined();
    from.start();
    await from.settled();
    const values = byKey(collectAll(from, 1000));
    expect(values).toHaveProperty(['memory_bytes{state="total"}']);
    expect(values).toHaveProperty(['disk_used_percent{mount="/data"}']);
    expect(values.host_uptime_seconds).toBeGreaterThan(0);
  });

  test("Windows has no load average", () => {
    expect(sourcesOf(choose({ platform: "win32" })).load).toBe("unavailable");
  });

  test("a Linux whose /proc is not mounted falls back as well", () => {
    const from = choose({ platform: "linux" });
    expect(from.availability().find(({ name }) => name === "memory")).toEqual({
      name: "memory",
      source: "node:os",
      reason: `${folder.root}/meminfo cannot be read`,
    });
  });
});
