/** The code that a process ends with when its jail could not be made; nothing of a plugin has been read by then. */
export const JAIL_FAILED_EXIT_CODE = 86;

/** A step of the launch that failed, with the kernel's error number (0 when it was not the kernel that refused). */
export class JailFailure extends Error {
  override readonly name = "JailFailure";

  constructor(
    readonly step: string,
    readonly errno: number,
    options: { cause?: unknown } = {},
  ) {
    super(`The jail's step "${step}" failed (errno ${errno}).`, options);
  }

  /** The one line that the process leaves on stderr. */
  toLine(): string {
    return JSON.stringify({ step: this.step, errno: this.errno });
  }

  /** The failure that `line` tells of; undefined when it is another line. */
  static fromLine(line: string): JailFailure | undefined {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return undefined;
    }
    if (typeof value !== "object" || value === null || !("step" in value) || !("errno" in value))
      return undefined;
    const { step, errno } = value;
    return typeof step === "string" && typeof errno === "number" ? new JailFailure(step, errno) : undefined;
  }
}

/** The error number of a failed call of node:fs; 0 when it has none. */
export function errnoOf(thrown: unknown): number {
  if (typeof thrown !== "object" || thrown === null || !("errno" in thrown)) return 0;
  return typeof thrown.errno === "number" ? Math.abs(thrown.errno) : 0;
}
