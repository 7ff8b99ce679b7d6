/** Ends a command with exit code 1 after it has said itself what is wrong (`doctor`). */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
}
