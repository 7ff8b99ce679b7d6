import { dlopen, FFIType, read } from "bun:ffi";
import { closeSync, openSync } from "node:fs";
import { errorCodeOf } from "../errors/app-error.ts";
import { findStatus } from "./file-status.ts";

/** fcntl(2) of Linux: a read lease is granted only while nobody has the file open for writing. */
const F_SETLEASE = 1_024;
/** Chooses the signal of a lease that somebody breaks meanwhile; SIGIO, its default, would end the process. */
const F_SETSIG = 10;
/** Ignored unless a program asks for it. */
const SIGURG = 23;
const F_RDLCK = 0;
const F_UNLCK = 2;
const EAGAIN = 11;
/** glibc, then musl. */
const LIBRARIES = ["libc.so.6", `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`];
const SYMBOLS = {
  fcntl: { args: [FFIType.i32, FFIType.i32, FFIType.i32], returns: FFIType.i32 },
  __errno_location: { args: [], returns: FFIType.ptr },
} as const;

type Kernel = ReturnType<typeof dlopen<typeof SYMBOLS>>["symbols"];
let kernel: Kernel | null | undefined;

/**
 * Whether a process has the file open for writing at this moment, by asking the kernel for a read lease on it and
 * giving it back. False where that cannot be known: another system than Linux, a file system without leases, a file of
 * another owner. Whoever asks then has only the quiet since the last change to go by.
 */
export function isOpenForWriting(path: string): boolean {
  const symbols = kernelCalls();
  if (!symbols) return false;
  let file: number;
  try {
    // Opening a pipe would wait for its other end.
    if (!findStatus(path)?.isFile()) return false;
    file = openSync(path, "r");
  } catch (error) {
    if (errorCodeOf(error) === "") throw error;
    return false; // absent or unreadable: reading it will say so
  }
  try {
    symbols.fcntl(file, F_SETSIG, SIGURG);
    if (symbols.fcntl(file, F_SETLEASE, F_RDLCK) === 0) {
      symbols.fcntl(file, F_SETLEASE, F_UNLCK);
      return false;
    }
    const errno = symbols.__errno_location();
    return errno !== null && read.i32(errno) === EAGAIN;
  } finally {
    closeSync(file);
  }
}

/** Loaded at the first question only. */
function kernelCalls(): Kernel | null {
  if (kernel === undefined) kernel = process.platform === "linux" ? openLibrary() : null;
  return kernel;
}

function openLibrary(): Kernel | null {
  for (const name of LIBRARIES) {
    try {
      return dlopen(name, SYMBOLS).symbols;
    } catch (error) {
      if (!(error instanceof Error)) throw error; // not this library: the next one, or none
    }
  }
  return null;
}
