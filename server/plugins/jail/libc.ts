import { dlopen, FFIType, ptr, read } from "bun:ffi";
import { JailFailure } from "./jail-failure.ts";
import { jailArchitecture, type SyscallName, syscallNumber } from "./syscalls.ts";

/** Error numbers of Linux that the jail gives or looks for (asm-generic/errno*.h; the same on x64 and arm64). */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EAGAIN: 11,
  EACCES: 13,
  EINVAL: 22,
  ENOSYS: 38,
  EOPNOTSUPP: 95,
} as const;

/** What a system call takes; memory is passed by its address and kept for the length of the call. */
export type SyscallArgument = number | bigint | NodeJS.TypedArray;

const MAX_ARGUMENTS = 6;

const { i64, i64_fast, ptr: pointer } = FFIType;
/** What is used of the C library. */
const SYMBOLS = {
  syscall: { args: [i64, i64, i64, i64, i64, i64, i64], returns: i64_fast },
  __errno_location: { args: [], returns: pointer },
} as const;

type Library = ReturnType<typeof openLibrary>;
let library: Library | undefined;

function openLibrary() {
  return dlopen("libc.so.6", SYMBOLS).symbols;
}

/**
 * One system call on this thread, past the C library: its wrappers for identity change every thread, which must not
 * happen to Bun's own. The answer, or the negative error number; −ENOSYS for a call this architecture lacks.
 */
export function syscall(name: SyscallName, ...args: readonly SyscallArgument[]): number {
  const architecture = jailArchitecture();
  const number = architecture && syscallNumber(name, architecture);
  return number === undefined ? -ERRNO.ENOSYS : rawSyscall(number, ...args);
}

/** As {@link syscall}, by number. */
export function rawSyscall(number: number, ...args: readonly SyscallArgument[]): number {
  library ??= openLibrary();
  const words = Array.from({ length: MAX_ARGUMENTS }, (_, index) => toWord(args[index]));
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = words;
  const answer = Number(library.syscall(number, a, b, c, d, e, f));
  if (answer !== -1) return answer;
  const location = library.__errno_location();
  return location === null ? -1 : -read.i32(location);
}

const toWord = (argument: SyscallArgument | undefined): number | bigint =>
  typeof argument === "object" ? ptr(argument) : (argument ?? 0);

/**
 * As {@link syscall}, for a call the jail cannot do without.
 * @throws JailFailure naming `step` and the error number
 */
export function mustSyscall(step: string, name: SyscallName, ...args: readonly SyscallArgument[]): number {
  const answer = syscall(name, ...args);
  if (answer < 0) throw new JailFailure(step, -answer);
  return answer;
}

/** `text` as the C library wants it: UTF-8, ended by a zero. */
export const cString = (text: string): Uint8Array => new TextEncoder().encode(`${text}\0`);
