import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from "node:fs";
import { errorCodeOf } from "../../../errors/app-error.ts";

const O_PATH = 0o10_000_000;
const O_CLOEXEC = 0o2_000_000;
/** As much of a first line as the kernel reads (BINPRM_BUF_SIZE). */
const HEAD_BYTES = 256;
/** Interpreters of interpreters that the kernel follows. */
const MAX_INTERPRETERS = 4;
const WRITABLE_BY_ALL = 0o002;
export const OWN_EXECUTABLE = "/proc/self/exe";

/** Why a program is not run: a sentence for people. */
export class RefusedProgram extends Error {
  override readonly name = "RefusedProgram";
}

/** A program that may be run. */
export interface ProgramFile {
  /** Open descriptor of the file that was looked at. */
  fd: number;
  /** A script is found again by its path: its interpreter has to open it. */
  isScript: boolean;
}

/**
 * Opens a program and looks at it: a plain file that not everybody can write, which is not this executable, nor a
 * script that this executable would interpret.
 * @throws RefusedProgram, and what opening brings
 */
export function openProgram(path: string): ProgramFile {
  const own = statSync(OWN_EXECUTABLE);
  const fd = openSync(path, O_PATH | O_CLOEXEC);
  try {
    const facts = fstatSync(fd);
    assertProgram(facts, own, path);
    const interpreter = interpreterOf(path);
    assertInterpreters(interpreter, own);
    return { fd, isScript: interpreter !== undefined };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function assertProgram(facts: Stats, own: Stats, path: string): void {
  if (facts.dev === own.dev && facts.ino === own.ino) {
    throw new RefusedProgram(`${path} is Binnacle itself, which can run any code.`);
  }
  if (!facts.isFile()) throw new RefusedProgram(`${path} is not a file.`);
  if ((facts.mode & WRITABLE_BY_ALL) !== 0) throw new RefusedProgram(`${path} can be changed by everybody.`);
}

/** `#!/usr/bin/env binnacle` names two programs: whatever stands on the line is looked at. */
function assertInterpreters(first: string[] | undefined, own: Stats): void {
  let words = first;
  for (let depth = 0; words && depth < MAX_INTERPRETERS; depth++) {
    for (const word of words) {
      for (const candidate of candidatesOf(word)) {
        const facts = statSync(candidate, { throwIfNoEntry: false });
        if (facts?.dev === own.dev && facts.ino === own.ino) {
          throw new RefusedProgram(`The interpreter ${word} is Binnacle itself, which can run any code.`);
        }
      }
    }
    words = interpreterOf(words[0] ?? "");
  }
}

/** Where a word of a script's first line can lead: itself, or a name in the search path that programs are given. */
const candidatesOf = (word: string): string[] =>
  word.startsWith("/") ? [word] : SEARCH_PATH.split(":").map((folder) => `${folder}/${word}`);

/** The only search path that a program is given. */
export const SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Words of a script's first line; undefined when it is none, or only executable: the kernel could not read it either. */
function interpreterOf(path: string): string[] | undefined {
  const head = Buffer.alloc(HEAD_BYTES);
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | O_CLOEXEC);
  } catch (error) {
    if (["EACCES", "ENOENT"].includes(errorCodeOf(error))) return undefined;
    throw error;
  }
  try {
    const length = readSync(fd, head, 0, HEAD_BYTES, 0);
    const [line = ""] = head.toString("utf8", 0, length).split("\n");
    return line.startsWith("#!") ? line.slice(2).trim().split(/\s+/) : undefined;
  } finally {
    closeSync(fd);
  }
}
