import { CommanderError } from "commander";

/** Exit codes of every command. */
export const EXIT_OK = 0;
const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;

/** Ends a command with exit code 1 after it has said itself what is wrong (`doctor`). */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
}

/** The exit code of a command that threw: 2 when it was called wrongly, 1 for every failure, whatever its family. */
export function exitCodeOf(thrown: unknown): number {
  if (!(thrown instanceof CommanderError)) return EXIT_FAILED;
  return thrown.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
}
