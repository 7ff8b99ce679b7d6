import { readFileSync } from "node:fs";
import type { JailUsage } from "./jailed-process.ts";

/** USER_HZ, which the kernel shows times in on every architecture it offers them on. */
const TICKS_PER_SECOND = 100;
const KIBIBYTE = 1024;

/**
 * What a process has used, from /proc; undefined when it is gone or may not be looked at. Reading the proportional share
 * walks its page tables: about a millisecond, so once every few seconds is often enough.
 */
export function readUsage(pid: number): JailUsage | undefined {
  const stat = readProc(pid, "stat");
  if (stat === undefined) return undefined;
  const rollup = readProc(pid, "smaps_rollup") ?? "";
  // The second field is a name in parentheses that may hold anything; fields are counted behind it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const field = (number: number): number => Number(fields[number - 3] ?? 0);
  return {
    cpuSeconds: (field(14) + field(15)) / TICKS_PER_SECOND,
    threads: field(20),
    pssBytes: sizeIn(rollup, "Pss"),
    rssBytes: sizeIn(rollup, "Rss"),
  };
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return undefined;
  }
}

const sizeIn = (rollup: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(rollup)?.[1] ?? 0) * KIBIBYTE;
