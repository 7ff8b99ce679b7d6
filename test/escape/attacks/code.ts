import { CFunction, cc, dlopen, FFIType, ptr } from "bun:ffi";
import { writeFileSync } from "node:fs";
import { type Family, sharing } from "../attack.ts";
import { AT_FDCWD, Denied, path, sys, sysByNumber } from "../plugin/kit.ts";

const NO_ARGUMENTS = BigUint64Array.of(0n);
const AT_EMPTY_PATH = 0x1000;
const X32_BIT = 0x40000000;
const GETPID = process.arch === "x64" ? 39 : 172;
const SYMBOLS = { getpid: { args: [], returns: FFIType.i32 } } as const;
/** mov eax, 20 (getpid of i386); int 0x80; cdqe; ret */
const INT80_GETPID = Uint8Array.of(0xb8, 20, 0, 0, 0, 0xcd, 0x80, 0x48, 0x98, 0xc3);

const filter = {
  deniedBy: "filters",
  answers: ["EPERM"],
  seen: "failed call",
  control: "outside",
} as const;
const landlock = { ...filter, deniedBy: "Landlock", answers: ["EACCES"] } as const;

/** Machine code in memory of its own, as no filter forbids it: what it calls is denied as everything else. */
function callOfI386(): number {
  const address = sys("mmap", 0, 4096, 7, 0x22, -1, 0);
  const ends = new Int32Array(2);
  sys("pipe2", ends, 0);
  const [reading = -1, writing = -1] = ends;
  // The kernel copies: a pipe is a way to write to an address.
  sys("write", writing, INT80_GETPID, INT80_GETPID.length);
  sys("read", reading, address, INT80_GETPID.length);
  for (const descriptor of ends) sys("close", descriptor);
  const answer = Number(CFunction({ ptr: BigInt(address), args: [], returns: FFIType.i64_fast })());
  if (answer < 0)
    throw Object.assign(new Error("int 0x80"), { code: answer === -38 ? "ENOSYS" : `${answer}` });
  return answer;
}

/** Variables that the suite's server has. */
const INHERITED = ["BUN_OPTIONS", "NODE_OPTIONS", "LD_PRELOAD", "ESCAPE_VARIABLE"];

/** As the C library knows it, which starts with all. @throws Denied when it is not there */
function requireVariable(name: string): void {
  const library = dlopen("libc.so.6", { getenv: { args: [FFIType.ptr], returns: FFIType.ptr } });
  if (library.symbols.getenv(path(name)) === null && process.env[name] === undefined)
    throw new Denied("not there");
}

/** Code that was not there, and programs. */
export const code: Family = {
  title: "Code and programs",
  attacks: [
    ...sharing(
      { deniedBy: "clean environment", answers: ["not there"], seen: "failed call", control: "outside" },
      Object.fromEntries(
        INHERITED.map((name) => [`inherit ${name} of the server`, () => requireVariable(name)] as const),
      ),
    ),
    ...sharing(
      { ...filter, isAlone: true },
      {
        "run a program with Bun.spawnSync": () => Bun.spawnSync(["/bin/true"]),
        "run a program by the raw call": () => {
          sys("execve", path("/bin/true"), NO_ARGUMENTS, 0);
        },
      },
    ),
    ...sharing(
      { ...landlock, answers: ["EPERM"], deniedBy: "filters" },
      {
        "run itself as the Bun interpreter (BUN_BE_BUN)": ({ executable }) =>
          Bun.spawnSync([executable, "-e", "1"], { env: { BUN_BE_BUN: "1" } }),
      },
    ),
    ...sharing(
      { ...filter, answers: ["ENOSYS"], isAlone: true },
      {
        "run a program from memory (memfd, execveat)": () => {
          const program = sys("memfd_create", path("x"), 0);
          sys("write", program, new TextEncoder().encode("#!/bin/true\n"), 12);
          sys("execveat", program, path(""), NO_ARGUMENTS, 0, AT_EMPTY_PATH);
        },
      },
    ),
    ...sharing(
      { ...filter, answers: ["ENOSYS"] },
      {
        "make a call of i386 (int 0x80)": () => callOfI386(),
      },
    ),
    // Few kernels have x32 at all: the control is the same call by its other number.
    ...sharing(
      { ...filter, answers: ["ENOSYS"], control: "modest" },
      {
        "make a call of the x32 ABI": ({ isModest }) => sysByNumber(GETPID + (isModest ? 0 : X32_BIT)),
      },
    ),
    ...sharing(landlock, {
      "write its own memory by /proc/self/mem": () => sys("openat", AT_FDCWD, path("/proc/self/mem"), 2, 0),
      "load a library that it wrote": ({ folder, library }) => {
        writeFileSync(`${folder}/made.so`, "");
        return dlopen(library, SYMBOLS);
      },
    }),
    ...sharing(
      { ...landlock, answers: ["ERR_DLOPEN_FAILED"] },
      { "load a library that lies there": ({ library }) => dlopen(library, SYMBOLS) },
    ),
    ...sharing(
      { ...landlock, answers: ["compiler"] },
      {
        "compile C with ffi.cc": ({ source }) => {
          try {
            return cc({ source, symbols: { answer: { args: [], returns: FFIType.i32 } } });
          } catch (error) {
            throw Object.assign(new Error("cc", { cause: error }), { code: "compiler" });
          }
        },
      },
    ),
    ...sharing(
      { ...filter, isAlone: true },
      {
        "run a descriptor (execveat)": () => {
          const program = sys("openat", AT_FDCWD, path("/proc/self/exe"), 0, 0);
          const [name, option] = [path("binnacle"), path("--version")];
          const list = BigUint64Array.of(BigInt(ptr(name)), BigInt(ptr(option)), 0n);
          sys("execveat", program, path(""), list, 0, AT_EMPTY_PATH);
        },
      },
    ),
  ],
};
