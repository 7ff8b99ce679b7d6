import type { Command } from "commander";
import { formatBytes, formatDuration, formatValue } from "../lib/quantities.ts";
import { addConnectionOptions, type ConnectionOptions } from "./options.ts";
import { Terminal } from "./terminal.ts";

interface SystemAnswer {
  hostname: string;
  os: string;
  kernel: string;
  arch: string;
  cpuModel: string;
  cores: number;
  memoryBytes: number;
  bootedAt: string;
  version: string;
  commit: string;
  startedAt: string;
  dataFolder: string;
}

/** The newest value of each series, as `/api/metrics` shows it. */
interface LatestAnswer {
  at: number | string;
  items: { key: string; name: string; labels: Record<string, string>; unit: string; value: number }[];
}

const MAX_MOUNTS_SHOWN = 8;

/** `binnacle status`: how the running server and its machine fare. */
export function addStatusCommand(program: Command): void {
  addConnectionOptions(
    program.command("status").description("show how the server and its machine fare"),
  ).action(async (options: ConnectionOptions) => {
    const { withClient } = await import("./connect.ts");
    const status = await withClient(options, "running", async (client) => {
      const [system, metrics] = await Promise.all([
        client.get<SystemAnswer>("/api/v3/system"),
        client.get<LatestAnswer>("/api/metrics"),
      ]);
      return { system, metrics: metrics.items };
    });
    const terminal = new Terminal(options);
    terminal.show(status, () => terminal.facts(factsOf(status.system, status.metrics)));
  });
}

function factsOf(system: SystemAnswer, metrics: LatestAnswer["items"]): [string, string][] {
  const value = (key: string): string => {
    const item = metrics.find((candidate) => candidate.key === key);
    return item ? formatValue(item.value, item.unit) : "–";
  };
  const sinceSeconds = (iso: string): number => Math.max(0, (Date.now() - Date.parse(iso)) / 1_000);
  const load = ["1m", "5m", "15m"].map((period) => value(`load_average{period="${period}"}`)).join("  ");
  const disks = metrics
    .filter((item) => item.name === "disk_used_percent")
    .slice(0, MAX_MOUNTS_SHOWN)
    .map((item): [string, string] => [`disk ${item.labels.mount ?? ""}`, formatValue(item.value, item.unit)]);
  return [
    ["machine", `${system.hostname}  ${system.os}  ${system.kernel} ${system.arch}`],
    ["processor", `${system.cores} × ${system.cpuModel}`],
    ["machine up", formatDuration(sinceSeconds(system.bootedAt))],
    ["binnacle", `${system.version}${system.commit ? ` (${system.commit})` : ""}`],
    ["running for", formatDuration(sinceSeconds(system.startedAt))],
    ["data folder", system.dataFolder],
    ["cpu", value('cpu_usage_percent{mode="total"}')],
    ["load", load],
    ["memory", `${value("memory_used_percent")} of ${formatBytes(system.memoryBytes)}`],
    ["swap", value("swap_used_percent")],
    ...disks,
  ];
}
