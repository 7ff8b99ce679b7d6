import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import type { Clock } from "../../lib/clock.ts";
import type { Availability, Collector } from "./collector.ts";
import { CpuCollector, cpuReadingOfKernel, cpuReadingOfNode } from "./cpu.ts";
import { DiskIoCollector } from "./disk-io.ts";
import { DiskSpaceCollector, type ReadFileSystemSize } from "./disk-space.ts";
import { type EventLoopDelay, MeasuredEventLoopDelay } from "./event-loop-delay.ts";
import { FileDescriptorCollector } from "./file-descriptors.ts";
import { HostCollector, hostOfKernel, hostOfNode } from "./host.ts";
import { KernelStatisticsFile } from "./kernel-statistics.ts";
import { LoadCollector, loadOfKernel, loadOfNode } from "./load.ts";
import { MemoryCollector, memoryOfKernel, memoryOfNode } from "./memory.ts";
import { mountPointsOfKernel } from "./mount-points.ts";
import { NetworkCollector } from "./network.ts";
import { PressureCollector } from "./pressure.ts";
import { ProcessCollector } from "./processes/process-collector.ts";
import { ProcessTable } from "./processes/process-table.ts";
import { UserNames } from "./processes/user-names.ts";
import { parseAuxiliaryVector } from "./procfs/auxiliary-vector.ts";
import { ProcFolder } from "./procfs/proc-file.ts";
import { readProcessUsage, SelfCollector, type SelfStatistics } from "./self.ts";

/** What the collectors read from; everything but the first two has the machine's own place as its default. */
export interface CollectorOptions {
  readonly clock: Pick<Clock, "monotonic">;
  readonly statistics: SelfStatistics;
  readonly platform?: NodeJS.Platform;
  readonly procRoot?: string;
  readonly sysRoot?: string;
  readonly passwdPath?: string;
  /** Watched where the system does not list its mounts. */
  readonly fallbackMountPoints?: readonly string[];
  /** Network file systems can hang for minutes, so they are left out unless asked for. */
  readonly includeNetworkMounts?: boolean;
  readonly readFileSystemSize?: ReadFileSystemSize;
  readonly eventLoopDelay?: EventLoopDelay;
}

type Sources = Required<Omit<CollectorOptions, "readFileSystemSize">> & {
  readonly readFileSystemSize: ReadFileSystemSize | undefined;
  readonly proc: ProcFolder;
  readonly kernel: KernelStatisticsFile;
  readonly cores: number;
};

/** How one collector can be had: from the kernel's files, by node:os, or, with neither, why not. */
interface Candidate {
  readonly name: string;
  /** The file of /proc that must be readable. */
  readonly needs: string;
  readonly ofKernel: (sources: Sources) => Collector;
  readonly ofNode?: (sources: Sources) => Collector | undefined;
}

const CANDIDATES: readonly Candidate[] = [
  {
    name: "cpu",
    needs: "stat",
    ofKernel: ({ kernel, clock }) => new CpuCollector(cpuReadingOfKernel(kernel), clock),
    ofNode: ({ clock }) => new CpuCollector(cpuReadingOfNode, clock),
  },
  {
    name: "load",
    needs: "loadavg",
    ofKernel: ({ proc }) => new LoadCollector(loadOfKernel(proc.file("loadavg"))),
    // Windows has no load average; node:os answers zeros there.
    ofNode: ({ platform }) => (platform === "win32" ? undefined : new LoadCollector(loadOfNode)),
  },
  {
    name: "pressure",
    needs: "pressure/cpu",
    ofKernel: ({ proc, clock }) => new PressureCollector(proc, clock),
  },
  {
    name: "memory",
    needs: "meminfo",
    ofKernel: ({ proc }) => new MemoryCollector(memoryOfKernel(proc.file("meminfo"))),
    ofNode: () => new MemoryCollector(memoryOfNode),
  },
  {
    name: "disk-space",
    needs: "self/mountinfo",
    ofKernel: (sources) => {
      const options = { includeNetwork: sources.includeNetworkMounts };
      return diskSpace(sources, mountPointsOfKernel(sources.proc.file("self/mountinfo"), options));
    },
    ofNode: (sources) => diskSpace(sources, () => sources.fallbackMountPoints),
  },
  {
    name: "disk-io",
    needs: "diskstats",
    ofKernel: ({ proc, clock }) => new DiskIoCollector(proc.file("diskstats"), clock),
  },
  {
    name: "network",
    needs: "net/dev",
    ofKernel: ({ proc, sysRoot, clock }) => new NetworkCollector(proc.file("net/dev"), sysRoot, clock),
  },
  {
    name: "file-descriptors",
    needs: "sys/fs/file-nr",
    ofKernel: ({ proc }) => new FileDescriptorCollector(proc.file("sys/fs/file-nr")),
  },
  { name: "processes", needs: "self/stat", ofKernel: processes },
  {
    name: "host",
    needs: "uptime",
    ofKernel: ({ proc, kernel, clock }) =>
      new HostCollector(hostOfKernel(proc.file("uptime"), kernel), clock),
    ofNode: ({ clock }) => new HostCollector(hostOfNode, clock),
  },
  {
    name: "self",
    needs: "self/stat",
    ofKernel: (sources) => self(sources, sources.proc.path("self/fd")),
    ofNode: (sources) => self(sources, undefined),
  },
];

/** The collectors of one machine, joined once at start. */
export class MachineCollectors {
  readonly collectors: readonly Collector[];
  /** Absent where processes cannot be read. */
  readonly processes: ProcessCollector | undefined;
  readonly #diskSpace: DiskSpaceCollector | undefined;
  readonly #availability: readonly Availability[];
  readonly #proc: ProcFolder;

  constructor(collectors: readonly Collector[], availability: readonly Availability[], proc: ProcFolder) {
    this.collectors = collectors;
    this.processes = collectors.find((collector) => collector instanceof ProcessCollector);
    this.#diskSpace = collectors.find((collector) => collector instanceof DiskSpaceCollector);
    this.#availability = availability;
    this.#proc = proc;
  }

  /** Every collector there is, with the source of its figures or the reason why it has none: for `binnacle doctor`. */
  availability(): readonly Availability[] {
    return this.#availability;
  }

  /** Begins what runs between ticks. The first tick after it already has the disks' sizes if they answer at once. */
  start(): void {
    this.#diskSpace?.refresh();
    for (const collector of this.collectors) collector.start?.();
  }

  /** Resolves when the disks' sizes that were asked for are there; never rejects, and may wait as long as a file system hangs. */
  async settled(): Promise<void> {
    await this.#diskSpace?.settled();
  }

  /** Gives back every file descriptor and timer. */
  close(): void {
    for (const collector of this.collectors) collector.close?.();
    this.#proc.close();
  }
}

/** Chooses, for this platform and what of it can be read, where each figure comes from. Reads each source once; starts nothing. */
export function collectors(options: CollectorOptions): MachineCollectors {
  const sources = completeSources(options);
  const chosen: Collector[] = [];
  const availability: Availability[] = [];
  for (const candidate of CANDIDATES) {
    const reason = whyNotKernel(candidate, sources);
    const collector = reason === undefined ? candidate.ofKernel(sources) : candidate.ofNode?.(sources);
    const source = reason === undefined ? "procfs" : collector === undefined ? "unavailable" : "node:os";
    availability.push({ name: candidate.name, source, ...(reason !== undefined && { reason }) });
    if (collector !== undefined) chosen.push(collector);
  }
  return new MachineCollectors(chosen, availability, sources.proc);
}

function completeSources(options: CollectorOptions): Sources {
  const proc = new ProcFolder(options.procRoot ?? "/proc");
  return {
    clock: options.clock,
    statistics: options.statistics,
    platform: options.platform ?? process.platform,
    procRoot: proc.root,
    sysRoot: options.sysRoot ?? "/sys",
    passwdPath: options.passwdPath ?? "/etc/passwd",
    fallbackMountPoints: options.fallbackMountPoints ?? ["/"],
    includeNetworkMounts: options.includeNetworkMounts ?? false,
    readFileSystemSize: options.readFileSystemSize,
    eventLoopDelay: options.eventLoopDelay ?? new MeasuredEventLoopDelay(),
    proc,
    kernel: new KernelStatisticsFile(proc),
    cores: Math.max(1, cpus().length),
  };
}

function whyNotKernel({ needs }: Candidate, { platform, proc }: Sources): string | undefined {
  if (platform !== "linux") return `${platform} has no /proc/${needs}`;
  return proc.read(needs) === undefined ? `${proc.path(needs)} cannot be read` : undefined;
}

function diskSpace(sources: Sources, mountPoints: () => readonly string[]): Collector {
  const { clock, readFileSystemSize: readSize } = sources;
  return new DiskSpaceCollector({ mountPoints, clock, ...(readSize !== undefined && { readSize }) });
}

function processes({ proc, passwdPath, clock, cores, kernel }: Sources): Collector {
  const userNames = new UserNames(passwdPath);
  const constants = kernelConstants(proc);
  return new ProcessCollector(new ProcessTable({ proc, userNames, constants, cores, clock }), kernel);
}

function self(
  { clock, statistics, eventLoopDelay, cores }: Sources,
  descriptors: string | undefined,
): Collector {
  const readUsage = () => readProcessUsage(descriptors);
  return new SelfCollector({ readUsage, eventLoopDelay, statistics, cores, clock });
}

function kernelConstants(proc: ProcFolder) {
  try {
    return parseAuxiliaryVector(readFileSync(proc.path("self/auxv")));
  } catch {
    return parseAuxiliaryVector(new Uint8Array()); // not readable: the usual values
  }
}
