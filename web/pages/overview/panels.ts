import type { ChartLine } from "../../components/chart-options.ts";
import type { Series } from "../../data/types.ts";

/** One resource chart of the overview. */
export interface ResourcePanel {
  id: string;
  heading: string;
  note: string;
  unit: string;
  lines: readonly ChartLine[];
}

interface Known {
  series: ReadonlyMap<string, Series>;
  values: ReadonlyMap<string, number>;
}

/** Picks the series of a family by one label's values, in the given order, with plain labels. */
function byLabel(
  known: Known,
  name: string,
  label: string,
  values: readonly string[],
  only?: Series["labels"],
): ChartLine[] {
  return values.flatMap((value) => {
    const found = [...known.series.values()].find(
      (entry) =>
        entry.name === name &&
        entry.labels[label] === value &&
        Object.entries(only ?? {}).every(([key, wanted]) => entry.labels[key] === wanted),
    );
    return found === undefined ? [] : [{ key: found.key, label: value }];
  });
}

/** The device or interface with the most traffic among those a family knows; `lo` only when alone. */
export function busiest(known: Known, names: readonly string[], label: string): string | undefined {
  const sums = new Map<string, number>();
  for (const entry of known.series.values()) {
    const owner = entry.labels[label];
    if (owner === undefined || !names.includes(entry.name)) continue;
    sums.set(owner, (sums.get(owner) ?? 0) + (known.values.get(entry.key) ?? 0));
  }
  const ranked = [...sums].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([owner]) => owner);
  return ranked.find((owner) => owner !== "lo") ?? ranked[0];
}

function coloured(lines: readonly ChartLine[], colours: readonly number[]): ChartLine[] {
  return lines.map((line, position) => ({ ...line, colour: colours[position] ?? position }));
}

function pairOf(
  known: Known,
  names: readonly [string, string],
  words: readonly [string, string],
  label: string,
  owner: string,
): ChartLine[] {
  return names.flatMap((name, index) => {
    const found = [...known.series.values()].find(
      (entry) => entry.name === name && entry.labels[label] === owner,
    );
    return found === undefined ? [] : [{ key: found.key, label: words[index] ?? name }];
  });
}

const NETWORK = ["network_received_bytes_per_second", "network_sent_bytes_per_second"] as const;
const DISK = ["disk_read_bytes_per_second", "disk_written_bytes_per_second"] as const;

/** Which interface and device the overview shows; chosen once, so that charts do not jump. */
export interface Chosen {
  interfaceName: string | undefined;
  deviceName: string | undefined;
}

export function chooseDevices(known: Known): Chosen {
  return {
    interfaceName: busiest(known, NETWORK, "interface"),
    deviceName: busiest(known, DISK, "device"),
  };
}

/** The resource charts this machine has series for, in their order on the page. */
export function resourcePanels(known: Known, { interfaceName, deviceName }: Chosen): ResourcePanel[] {
  const pressure = (kind: string): ChartLine[] =>
    byLabel(known, "pressure_stall_percent", "resource", ["cpu", "memory", "io"], { kind });
  const panels: ResourcePanel[] = [
    {
      id: "cpu",
      heading: "CPU",
      note: "% of all cores",
      unit: "percent",
      lines: byLabel(known, "cpu_usage_percent", "mode", ["user", "system", "iowait", "steal"]).filter(
        // Only where a hypervisor takes time away is there something to see.
        (line) => line.label !== "steal" || (known.values.get(line.key) ?? 0) > 0,
      ),
    },
    {
      id: "memory",
      heading: "Memory",
      note: "by use",
      unit: "bytes",
      lines: coloured(byLabel(known, "memory_bytes", "state", ["used", "cached", "buffers"]), [2, 0, 3]),
    },
    {
      id: "network",
      heading: "Network",
      note: interfaceName ?? "",
      unit: "bytes_per_second",
      lines: pairOf(known, NETWORK, ["received", "sent"], "interface", interfaceName ?? ""),
    },
    {
      id: "disk",
      heading: "Disk",
      note: deviceName ?? "",
      unit: "bytes_per_second",
      lines: coloured(pairOf(known, DISK, ["read", "written"], "device", deviceName ?? ""), [2, 3]),
    },
    {
      id: "pressure",
      heading: "Pressure",
      note: "% of time that some work waited",
      unit: "percent",
      lines: pressure("some"),
    },
    {
      id: "load",
      heading: "Load",
      note: "average runnable work",
      unit: "count",
      lines: byLabel(known, "load_average", "period", ["1m", "5m", "15m"]).map((line) => ({
        ...line,
        label: line.label.replace("m", " min"),
      })),
    },
  ];
  return panels.filter((panel) => panel.lines.length > 0);
}

/** The mount with the highest used share. */
export function fullestMount(known: Known): string | undefined {
  let fullest: { mount: string; percent: number } | undefined;
  for (const entry of known.series.values()) {
    const mount = entry.labels.mount;
    if (entry.name !== "disk_used_percent" || mount === undefined) continue;
    const percent = known.values.get(entry.key) ?? 0;
    if (fullest === undefined || percent > fullest.percent) fullest = { mount, percent };
  }
  return fullest?.mount;
}
