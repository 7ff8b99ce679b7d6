import { readNumbers } from "./fields.ts";

/** Fields 4 (parent) to 24 (resident pages) of proc_pid_stat(5), as indexes after the state letter. */
const COLUMNS = 21;
const FLAGS = 5;
const USER_TICKS = 10;
const SYSTEM_TICKS = 11;
const THREADS = 16;
const START_TICKS = 18;
const RESIDENT_PAGES = 20;
/** PF_KTHREAD in the kernel's sched.h. */
const KERNEL_THREAD_FLAG = 0x0020_0000;

/** One process as /proc/[pid]/stat tells it. Ticks are the kernel's USER_HZ. */
export interface ProcessReading {
  readonly pid: number;
  /** At most 15 bytes; the program's file name unless the process renamed itself. */
  readonly name: string;
  /** R running, S sleeping, D blocked, Z zombie, T stopped, I idle … */
  readonly state: string;
  readonly isKernelThread: boolean;
  readonly cpuTicks: number;
  readonly threads: number;
  /** After boot; with the pid it identifies a process for ever. */
  readonly startTicks: number;
  readonly residentPages: number;
}

/**
 * Reads /proc/[pid]/stat. The name stands in parentheses and may itself hold blanks, parentheses and line feeds:
 * it ends at the last closing one.
 * @returns undefined for a text that is cut off or has another shape.
 */
export function parsePidStat(text: string): ProcessReading | undefined {
  const open = text.indexOf(" (");
  const close = text.lastIndexOf(") ");
  if (open < 1 || close < open || !text.endsWith("\n")) return undefined;
  const columns = new Float64Array(COLUMNS);
  const pid = Number(text.slice(0, open));
  if (!Number.isInteger(pid) || readNumbers(text, close + 3, columns) < COLUMNS) return undefined;
  return {
    pid,
    name: text.slice(open + 2, close),
    state: text.charAt(close + 2),
    isKernelThread: ((columns[FLAGS] ?? 0) & KERNEL_THREAD_FLAG) !== 0,
    cpuTicks: (columns[USER_TICKS] ?? 0) + (columns[SYSTEM_TICKS] ?? 0),
    threads: columns[THREADS] ?? 0,
    startTicks: columns[START_TICKS] ?? 0,
    residentPages: Math.max(0, columns[RESIDENT_PAGES] ?? 0),
  };
}
