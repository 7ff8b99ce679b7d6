import { readdirSync } from "node:fs";
import type { Clock } from "../../../lib/clock.ts";
import type { KernelConstants } from "../procfs/auxiliary-vector.ts";
import { type ProcessReading, parsePidStat } from "../procfs/pid-stat.ts";
import type { ProcFolder } from "../procfs/proc-file.ts";
import { canFormRate } from "../rate.ts";
import { readableCommand } from "./command-line.ts";
import type { UserNames } from "./user-names.ts";

/**
 * At 8 µs each, measured, this bounds how long one scan holds the event loop; beyond it the scans take turns. Keeping
 * the files open would save half of it for a descriptor each.
 */
const MAX_READ_A_SCAN = 4096;
const MAX_TOP = 200;
const MS_PER_SECOND = 1000;

/** One process for people. */
export interface Process {
  readonly pid: number;
  readonly name: string;
  /** The whole command with secrets left out; `[name]` for a kernel thread. */
  readonly command: string;
  readonly user: string;
  /** Share of all cores between the last two readings, 0 to 100. */
  readonly cpuPercent: number;
  /** Resident, shared pages included. */
  readonly memoryBytes: number;
  readonly threads: number;
  /** Epoch milliseconds. */
  readonly startedAt: number;
}

/** How many processes are in which state. */
export interface ProcessCounts {
  readonly total: number;
  readonly running: number;
  readonly blocked: number;
  readonly zombie: number;
}

export interface ProcessSources {
  readonly proc: ProcFolder;
  readonly userNames: UserNames;
  readonly constants: KernelConstants;
  readonly cores: number;
  /** 4,096 unless a test wants fewer. */
  readonly maxReadAScan?: number;
  readonly clock: Pick<Clock, "monotonic">;
}

interface Identity {
  readonly command: string;
  readonly user: string;
}

interface KnownProcess {
  reading: ProcessReading;
  readAtMs: number;
  cpuPercent: number;
  /** Read when it is first shown, because only the top few ever are. */
  identity: Identity | undefined;
  seenInScan: number;
}

/** All processes of the machine as of the last scan. */
export class ProcessTable {
  readonly #sources: ProcessSources;
  readonly #known = new Map<number, KnownProcess>();
  #scan = 0;
  #lastReadPid = 0;
  #total = 0;

  constructor(sources: ProcessSources) {
    this.#sources = sources;
  }

  /** Reads every process, or the next 4,096 where there are more; forgets those that ended. */
  scan(): void {
    this.#scan += 1;
    const pids = this.#listPids();
    const unreadable = this.#choosePids(pids).filter((pid) => !this.#read(pid));
    this.#total = pids.length - unreadable.length;
    for (const pid of pids) {
      const known = this.#known.get(pid);
      if (known !== undefined) known.seenInScan = this.#scan;
    }
    for (const [pid, known] of this.#known) if (known.seenInScan !== this.#scan) this.#known.delete(pid);
  }

  counts(): ProcessCounts {
    let running = 0;
    let blocked = 0;
    let zombie = 0;
    for (const { reading } of this.#known.values()) {
      if (reading.state === "R") running += 1;
      else if (reading.state === "D") blocked += 1;
      else if (reading.state === "Z") zombie += 1;
    }
    return { total: this.#total, running, blocked, zombie };
  }

  /**
   * Those that use the most processor time, then the most memory.
   * @param bootedAtSeconds epoch seconds, from which the start times follow.
   */
  top(limit: number, bootedAtSeconds: number): Process[] {
    const byUse = [...this.#known.values()].sort(
      (a, b) => b.cpuPercent - a.cpuPercent || b.reading.residentPages - a.reading.residentPages,
    );
    return byUse.slice(0, Math.min(limit, MAX_TOP)).map((known) => this.#describe(known, bootedAtSeconds));
  }

  #listPids(): number[] {
    try {
      const pids = readdirSync(this.#sources.proc.root).map(Number).filter(Number.isInteger);
      return pids.sort((a, b) => a - b);
    } catch {
      return [];
    }
  }

  /** All, or a window that goes on where the last one ended and begins anew after the highest pid. */
  #choosePids(pids: readonly number[]): readonly number[] {
    const { maxReadAScan = MAX_READ_A_SCAN } = this.#sources;
    if (pids.length <= maxReadAScan) return pids;
    const next = Math.max(
      0,
      pids.findIndex((pid) => pid > this.#lastReadPid),
    );
    const window = [...pids.slice(next), ...pids.slice(0, next)].slice(0, maxReadAScan);
    this.#lastReadPid = window.at(-1) ?? 0;
    return window;
  }

  /** False when the process ended since the listing. */
  #read(pid: number): boolean {
    const text = this.#sources.proc.read(`${pid}/stat`);
    const reading = text === undefined ? undefined : parsePidStat(text);
    if (reading === undefined) {
      this.#known.delete(pid);
      return false;
    }
    const nowMs = this.#sources.clock.monotonic();
    const known = this.#known.get(pid);
    if (known === undefined || known.reading.startTicks !== reading.startTicks) {
      this.#known.set(pid, { reading, readAtMs: nowMs, cpuPercent: 0, identity: undefined, seenInScan: 0 });
      return true;
    }
    known.cpuPercent = this.#cpuPercent(known, reading, nowMs);
    if (known.reading.name !== reading.name) known.identity = undefined; // it became another program by exec
    known.reading = reading;
    known.readAtMs = nowMs;
    return true;
  }

  #cpuPercent(known: KnownProcess, reading: ProcessReading, nowMs: number): number {
    const elapsedMs = nowMs - known.readAtMs;
    if (!canFormRate(elapsedMs)) return 0;
    const { constants, cores } = this.#sources;
    const usedMs = ((reading.cpuTicks - known.reading.cpuTicks) * MS_PER_SECOND) / constants.ticksPerSecond;
    return Math.min(100, Math.max(0, (100 * usedMs) / elapsedMs / cores));
  }

  #describe(known: KnownProcess, bootedAtSeconds: number): Process {
    const { reading } = known;
    const { constants } = this.#sources;
    known.identity ??= this.#identify(reading);
    return {
      pid: reading.pid,
      name: reading.name,
      ...known.identity,
      cpuPercent: known.cpuPercent,
      memoryBytes: reading.residentPages * constants.pageSizeBytes,
      threads: reading.threads,
      startedAt: Math.round(
        (bootedAtSeconds + reading.startTicks / constants.ticksPerSecond) * MS_PER_SECOND,
      ),
    };
  }

  #identify(reading: ProcessReading): Identity {
    const { proc, userNames } = this.#sources;
    const command = reading.isKernelThread ? "" : readableCommand(proc.read(`${reading.pid}/cmdline`) ?? "");
    const uid = parseUid(proc.read(`${reading.pid}/status`) ?? "");
    return { command: command || `[${reading.name}]`, user: uid === undefined ? "" : userNames.nameOf(uid) };
  }
}

/** The effective user of /proc/[pid]/status, whose Uid line is real, effective, saved, file system. */
export function parseUid(status: string): number | undefined {
  const match = /^Uid:\t\d+\t(\d+)\t/m.exec(status);
  return match === null ? undefined : Number(match[1]);
}
