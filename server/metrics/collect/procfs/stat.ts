import { eachLine, readNumbers } from "./fields.ts";

const CPU_COLUMNS = 8;
const MIN_CPU_COLUMNS = 4;
const MAX_CORES = 4096;

/**
 * Time spent in each state since boot, in one unit whichever (only shares are formed). `irq` holds hard and soft
 * interrupts. Guests' time is already inside `user` and `nice` and is not repeated.
 */
export interface CpuTimes {
  readonly user: number;
  readonly nice: number;
  readonly system: number;
  readonly idle: number;
  readonly iowait: number;
  readonly irq: number;
  readonly steal: number;
}

/** What /proc/stat says; a line that is absent or unreadable is `undefined`. */
export interface KernelStatistics {
  readonly cpu: CpuTimes | undefined;
  /** By core number. Cores that are off have no line, so numbers may have holes. */
  readonly cores: ReadonlyMap<number, CpuTimes>;
  readonly contextSwitches: number | undefined;
  readonly interrupts: number | undefined;
  /** Epoch seconds. */
  readonly bootedAtSeconds: number | undefined;
}

/** Reads /proc/stat (proc_stat(5)); kernels that lack the later columns give 0 there. */
export function parseStat(text: string): KernelStatistics {
  const columns = new Float64Array(CPU_COLUMNS);
  const cores = new Map<number, CpuTimes>();
  let cpu: CpuTimes | undefined;
  let contextSwitches: number | undefined;
  let interrupts: number | undefined;
  let bootedAtSeconds: number | undefined;
  eachLine(text, (start, end) => {
    if (text.startsWith("cpu", start)) {
      const space = text.indexOf(" ", start);
      if (space === -1 || space > end) return;
      const times = cpuTimes(columns, readNumbers(text, space, columns));
      if (times === undefined) return;
      if (space === start + 3) cpu = times;
      else if (cores.size < MAX_CORES) {
        const core = Number(text.slice(start + 3, space));
        if (Number.isInteger(core)) cores.set(core, times);
      }
    } else if (text.startsWith("intr ", start)) interrupts = firstNumber(text, start + 5);
    else if (text.startsWith("ctxt ", start)) contextSwitches = firstNumber(text, start + 5);
    else if (text.startsWith("btime ", start)) bootedAtSeconds = firstNumber(text, start + 6);
  });
  return { cpu, cores, contextSwitches, interrupts, bootedAtSeconds };
}

function cpuTimes(columns: Float64Array, count: number): CpuTimes | undefined {
  if (count < MIN_CPU_COLUMNS) return undefined;
  columns.fill(0, count);
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, hardIrq = 0, softIrq = 0, steal = 0] = columns;
  return { user, nice, system, idle, iowait, irq: hardIrq + softIrq, steal };
}

function firstNumber(text: string, start: number): number | undefined {
  const one = new Float64Array(1);
  return readNumbers(text, start, one) === 1 ? one[0] : undefined;
}
