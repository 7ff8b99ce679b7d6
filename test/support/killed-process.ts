const LONGEST_LIFE_MS = 60_000;

/** What a process said before it ended. */
export interface Said {
  /** Whole lines: one that the kill cut off was not said. */
  lines: string[];
  /** Whether a kill ended it, ours or its own. */
  isKilled: boolean;
}

/**
 * Runs a script that says on standard output what it has done, a line each, and kills it with SIGKILL as soon as it has
 * said `count` of them: the kill falls into what it does next. Without a count it goes on until it ends by itself.
 * @throws Error when it says too little for a minute
 */
export async function runUntilKilled(
  script: string,
  args: readonly string[],
  count = Number.POSITIVE_INFINITY,
): Promise<Said> {
  const child = Bun.spawn([process.execPath, script, ...args], {
    stdout: "pipe",
    stderr: "inherit",
    timeout: LONGEST_LIFE_MS,
    killSignal: "SIGTERM",
  });
  let text = "";
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.split("\n").length > count) child.kill("SIGKILL");
  }
  await child.exited;
  if (child.signalCode === "SIGTERM")
    throw new Error(`${script} said ${text.split("\n").length - 1} lines of ${count} within its time.`);
  return { lines: text.split("\n").slice(0, -1), isKilled: child.signalCode === "SIGKILL" };
}

/** A count of lines for a kill that falls anywhere behind the first `most`. */
export const anyOf = (most: number): number => 1 + Math.floor(Math.random() * most);
