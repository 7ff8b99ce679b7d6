import { readFileSync } from "node:fs";
import type { JailPlan } from "./plan.ts";

/** Both filters, in seccomp's mode of filters. */
const FILTERED = { Seccomp: "2", Seccomp_filters: "2" } as const;
const NO_CAPABILITIES = "0000000000000000";
const CAPABILITY_SETS = ["CapInh", "CapPrm", "CapEff", "CapAmb"] as const;

/**
 * What the kernel says of a process that does not fit its plan, a word each; nothing when it is held as it should be. The
 * process says that it is ready; this does not take its word for it.
 */
export function unconfirmed(plan: JailPlan, status: string): string[] {
  const expected: Record<string, string> = {
    ...(plan.hasSeccomp ? FILTERED : {}),
    ...Object.fromEntries(CAPABILITY_SETS.map((set) => [set, NO_CAPABILITIES])),
    NoNewPrivs: "1",
    ...(plan.uid === undefined ? {} : userOf(plan.uid)),
  };
  return Object.entries(expected).flatMap(([name, value]) => (fieldOf(status, name) === value ? [] : [name]));
}

/** The kernel's page on a process; undefined when it has ended. */
export function statusOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/status`, "latin1");
  } catch {
    return undefined;
  }
}

/** Real, effective, saved and of the file system; and no group beside. */
function userOf(uid: number): Record<string, string> {
  const all = `${uid}\t${uid}\t${uid}\t${uid}`;
  return { Uid: all, Gid: all, Groups: "" };
}

const fieldOf = (status: string, name: string): string | undefined =>
  new RegExp(`^${name}:(.*)$`, "m").exec(status)?.[1]?.trim();
