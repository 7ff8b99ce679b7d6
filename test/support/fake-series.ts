import { seriesKey } from "../../web/lib/series-key.ts";

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

/** A series of the fake server: its value at a moment is a function of time alone, so every run agrees. */
export interface FakeSeries {
  id: number;
  key: string;
  name: string;
  labels: Record<string, string>;
  unit: string;
  valueAt(atMs: number): number;
}

/** A repeatable unevenness between 0 and 1 for a moment and a seed. */
function noise(atMs: number, seed: number): number {
  const x = Math.sin(Math.floor(atMs / 5000) * 12.9898 + seed * 78.233) * 43758.5453;
  return x - Math.floor(x);
}

function wave(base: number, swing: number, seed: number, spike = 0): (atMs: number) => number {
  return (atMs) => {
    const minutes = atMs / 60_000;
    const slow = Math.sin(minutes / 7 + seed) + 0.5 * Math.sin(minutes / 2.3 + seed * 2);
    const burst = noise(atMs, seed + 50) > 0.985 ? spike : 0;
    return Math.max(0, base + swing * (0.5 * slow + noise(atMs, seed) - 0.5) + burst);
  };
}

type Definition = [
  name: string,
  labels: Record<string, string>,
  unit: string,
  valueAt: (atMs: number) => number,
];

const CPU: Definition[] = (
  [
    ["user", wave(22, 9, 1, 34)],
    ["system", wave(5.5, 2, 2)],
    ["iowait", wave(2, 1.4, 3, 8)],
    ["total", wave(30, 10, 1, 36)],
  ] as const
).map(([mode, valueAt]) => ["cpu_usage_percent", { mode }, "percent", valueAt]);

const DEFINITIONS: Definition[] = [
  ...CPU,
  ["cpu_core_usage_percent", { core: "0" }, "percent", wave(31, 14, 4, 40)],
  ["cpu_core_usage_percent", { core: "1" }, "percent", wave(28, 14, 5, 40)],
  ["load_average", { period: "1m" }, "count", wave(0.71, 0.4, 6)],
  ["load_average", { period: "5m" }, "count", wave(0.66, 0.2, 7)],
  ["load_average", { period: "15m" }, "count", wave(0.6, 0.1, 8)],
  ["pressure_stall_percent", { resource: "cpu", kind: "some" }, "percent", wave(1.2, 1, 9, 6)],
  ["pressure_stall_percent", { resource: "memory", kind: "some" }, "percent", wave(0.2, 0.2, 10)],
  ["pressure_stall_percent", { resource: "io", kind: "some" }, "percent", wave(2.4, 2, 11, 12)],
  ["memory_bytes", { state: "used" }, "bytes", wave(9.8 * GIB, 0.3 * GIB, 12)],
  ["memory_bytes", { state: "cached" }, "bytes", wave(5.3 * GIB, 0.2 * GIB, 13)],
  ["memory_bytes", { state: "available" }, "bytes", () => 14.2 * GIB],
  ["memory_bytes", { state: "total" }, "bytes", () => 24 * GIB],
  ["memory_used_percent", {}, "percent", wave(41, 1, 12)],
  ["swap_used_percent", {}, "percent", () => 4],
  ["disk_bytes", { mount: "/", state: "free" }, "bytes", () => 61 * GIB],
  ["disk_bytes", { mount: "/var", state: "free" }, "bytes", () => 14.1 * GIB],
  ["disk_used_percent", { mount: "/" }, "percent", () => 38.4],
  ["disk_used_percent", { mount: "/var" }, "percent", (at) => 91.2 + ((at / 3_600_000) % 24) * 0.03],
  ["disk_inodes_used_percent", { mount: "/var" }, "percent", () => 12],
  [
    "disk_read_bytes_per_second",
    { device: "vda" },
    "bytes_per_second",
    wave(18 * MIB, 16 * MIB, 14, 80 * MIB),
  ],
  [
    "disk_written_bytes_per_second",
    { device: "vda" },
    "bytes_per_second",
    wave(29 * MIB, 20 * MIB, 15, 80 * MIB),
  ],
  [
    "network_received_bytes_per_second",
    { interface: "eth0" },
    "bytes_per_second",
    wave(12 * MIB, 6 * MIB, 16, 30 * MIB),
  ],
  ["network_sent_bytes_per_second", { interface: "eth0" }, "bytes_per_second", wave(7 * MIB, 4 * MIB, 17)],
  ["network_received_bytes_per_second", { interface: "lo" }, "bytes_per_second", wave(40 * MIB, 4 * MIB, 18)],
  ["file_descriptors_open", {}, "count", wave(2100, 90, 19)],
  ["file_descriptors_limit", {}, "count", () => 9.2e18],
  ["processes_count", { state: "total" }, "count", (at) => Math.round(wave(142, 8, 20)(at))],
  ["context_switches_per_second", {}, "per_second", wave(4200, 900, 21)],
  ["host_uptime_seconds", {}, "seconds", (at) => 3_542_400 + (at % 86_400_000) / 1000],
  ["binnacle_cpu_percent", {}, "percent", wave(0.8, 0.4, 22)],
  ["binnacle_memory_bytes", { kind: "rss" }, "bytes", wave(84 * MIB, 3 * MIB, 23)],
  ["binnacle_event_loop_lag_seconds", { quantile: "0.99" }, "seconds", wave(0.0012, 0.0008, 24)],
  ["binnacle_http_requests_per_second", {}, "per_second", wave(4.2, 2, 25)],
  ["binnacle_http_request_duration_seconds", { quantile: "0.99" }, "seconds", wave(0.0038, 0.001, 26)],
  ...["http-check", "s3-backup", "ssl-watch", "header-guard", "odd"].flatMap(
    (plugin, index): Definition[] => [
      ["plugin_cpu_percent", { plugin }, "percent", wave(0.6 + index * 0.3, 0.6, 40 + index, 3)],
      ["plugin_memory_bytes", { plugin }, "bytes", wave((10 + index * 2) * MIB, 2 * MIB, 50 + index)],
      ["plugin_calls_total", { plugin, outcome: "ok" }, "count", (at) => Math.floor(at / 900) % 1e9],
      ["plugin_calls_total", { plugin, outcome: "error" }, "count", (at) => Math.floor(at / 90_000) % 1e9],
      [
        "plugin_call_duration_seconds",
        { plugin, quantile: "0.5" },
        "seconds",
        wave(0.012, 0.004, 60 + index),
      ],
      [
        "plugin_call_duration_seconds",
        { plugin, quantile: "0.99" },
        "seconds",
        wave(0.09, 0.04, 70 + index, 0.3),
      ],
    ],
  ),
  [
    "plugin_http_check_response_seconds",
    { plugin: "http-check", page: "status" },
    "seconds",
    wave(0.12, 0.05, 80, 0.6),
  ],
  [
    "plugin_http_check_response_seconds",
    { plugin: "http-check", page: "api" },
    "seconds",
    wave(0.31, 0.08, 81),
  ],
  ["binnacle_sockets_open", {}, "count", () => 3],
  ["binnacle_file_descriptors_open", {}, "count", () => 41],
  ["binnacle_database_bytes", { database: "state" }, "bytes", () => 1.2 * MIB],
  ["binnacle_database_bytes", { database: "samples" }, "bytes", () => 88 * MIB],
];

/** The series of a small, slightly troubled server (`/var` is filling up). */
export const FAKE_SERIES: readonly FakeSeries[] = DEFINITIONS.map(([name, labels, unit, valueAt], index) => ({
  id: index + 1,
  key: seriesKey(name, labels),
  name,
  labels,
  unit,
  valueAt,
}));
