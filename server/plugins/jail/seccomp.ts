import { ptr } from "bun:ffi";
import {
  allow,
  encodeProgram,
  type Instruction,
  ifAtLeast,
  ifEqual,
  loadArgument,
  loadArgumentHigh,
  loadWord,
  mask,
  RECORD,
  refuse,
  skip,
  unlessOneOf,
} from "./bpf.ts";
import { JailFailure } from "./jail-failure.ts";
import { ERRNO, mustSyscall } from "./libc.ts";
import { type ArgumentRule, FIRST_FILTER, type Filter, SECOND_FILTER } from "./seccomp-rules.ts";
import { type Architecture, AUDIT_ARCHITECTURE, type SyscallName, syscallNumber } from "./syscalls.ts";

const PR_SET_SECCOMP = 22;
const SECCOMP_MODE_FILTER = 2;
const SECCOMP_SET_MODE_FILTER = 1;
const SECCOMP_FILTER_FLAG_TSYNC = 1;
/** Calls of the x32 ABI come under the x64 architecture with this bit in their number. */
const X32_BIT = 0x40000000;

/** What a filter is made for. */
export interface FilterTarget {
  architecture: Architecture;
  /** The process that will run under it: the only one it may signal. Known before exec, which keeps it. */
  pid: number;
}

/** The program of a filter. Calls of another ABI (int 0x80, x32) are answered with ENOSYS before anything is looked at. */
export function assembleFilter(filter: Filter, { architecture, pid }: FilterTarget): Instruction[] {
  const rules = Object.entries(filter.calls) as [SyscallName, Filter["calls"][SyscallName]][];
  return [
    loadWord(RECORD.ARCHITECTURE),
    ...unlessOneOf([AUDIT_ARCHITECTURE[architecture]], [refuse(ERRNO.ENOSYS)]),
    loadWord(RECORD.NUMBER),
    ...(architecture === "x64" ? ifAtLeast(X32_BIT, [refuse(ERRNO.ENOSYS)]) : []),
    ...rules.flatMap(([name, rule]) => {
      const number = syscallNumber(name, architecture);
      return number === undefined || rule === undefined ? [] : ifEqual(number, blockOf(rule, pid));
    }),
    filter.otherwise === "allow" ? allow() : refuse(filter.otherwise),
  ];
}

function blockOf(rule: NonNullable<Filter["calls"][SyscallName]>, pid: number): Instruction[] {
  if (rule === "allow") return [allow()];
  if (typeof rule === "number") return [refuse(rule)];
  const ways = rule.orWhen ? [rule.when, rule.orWhen] : [rule.when];
  return [...ways.flatMap((way) => blockOfWay(way, pid)), refuse(rule.otherwise)];
}

/** Lets the call pass when every argument is as the rules say; else goes on behind itself. */
const blockOfWay = (rules: readonly ArgumentRule[], pid: number): Instruction[] =>
  rules.reduceRight<Instruction[]>((rest, rule) => guarded(rule, rest, pid), [allow()]);

/** Comes to `rest` when the argument is as the rule says; else goes on behind it. */
function guarded(rule: ArgumentRule, rest: readonly Instruction[], pid: number): Instruction[] {
  if ("isNull" in rule) {
    const high = [loadArgumentHigh(rule.argument), ...ifOneOf([0], rest)];
    return [loadArgument(rule.argument), ...ifOneOf([0], high)];
  }
  const values = rule.oneOf.map((value) => (value === "own pid" ? pid : value));
  const masked = rule.mask === undefined ? [] : [mask(rule.mask)];
  return [loadArgument(rule.argument), ...masked, ...ifOneOf(values, rest)];
}

const ifOneOf = (values: readonly number[], rest: readonly Instruction[]): Instruction[] => [
  ...unlessOneOf(values, [skip(rest.length)]),
  ...rest,
];

/** Puts {@link FIRST_FILTER} on this thread alone: the exec that follows carries it to the whole process. @throws JailFailure */
export function installFirstFilter(target: FilterTarget): void {
  const program = encodeProgram(assembleFilter(FIRST_FILTER, target), ptr);
  mustSyscall("seccomp", "prctl", PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program);
}

/** Puts {@link SECOND_FILTER} on every thread of this process, beneath the first. @throws JailFailure */
export function installSecondFilter(target: FilterTarget): void {
  const program = encodeProgram(assembleFilter(SECOND_FILTER, target), ptr);
  const flags = SECCOMP_FILTER_FLAG_TSYNC;
  const answer = mustSyscall("lockdown", "seccomp", SECCOMP_SET_MODE_FILTER, flags, program);
  // A thread that could not be brought along is told by its id, not by an error number.
  if (answer !== 0) throw new JailFailure("lockdown", ERRNO.ESRCH);
}
