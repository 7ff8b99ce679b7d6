import { openSync } from "node:fs";
import { join } from "node:path";
import { isCompiled } from "../../lib/program-file.ts";

/** How this program starts itself. */
export interface SelfCommand {
  /** The file that runs: our own executable, or Bun. */
  executable: string;
  /** What stands before the name of the program: nothing, or the script, from source. */
  args: readonly string[];
  /** What the program is read from, besides its executable. */
  readableFolders: readonly string[];
}

/** The first argument that makes a process a jail, and the one it then runs as; server/main.ts knows both. */
export const JAIL_PROGRAM = "__jail";
export const HOST_PROGRAM = "__plugin-host";

const REPOSITORY = join(import.meta.dirname, "../../..");
const MAIN = join(REPOSITORY, "server/main.ts");

let ownExecutable: number | undefined;

/**
 * The command that starts this program again. On Linux the executable is opened once and named by its descriptor:
 * an update that replaces the file does not change what a running server starts.
 */
export function selfCommand(): SelfCommand {
  const source = isCompiled()
    ? { args: [], readableFolders: [] }
    : { args: [MAIN], readableFolders: [REPOSITORY] };
  if (process.platform !== "linux") return { executable: process.execPath, ...source };
  ownExecutable ??= openSync("/proc/self/exe", "r");
  return { executable: `/proc/self/fd/${ownExecutable}`, ...source };
}

/** The arguments, after the executable, that start `program` as this process was started. */
export const ownArguments = (program: string): string[] => (isCompiled() ? [program] : [Bun.main, program]);
