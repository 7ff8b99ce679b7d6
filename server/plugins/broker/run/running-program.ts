import { readdirSync, statSync } from "node:fs";
import { errorCodeOf } from "../../../errors/app-error.ts";
import { RUN_PROGRAM, type RunOrder } from "./order.ts";

/** The command that starts this executable again. */
export type Launcher = () => { executable: string; args: readonly string[] };

/** How a program ended. */
export interface ProgramEnding {
  /** 128 and the signal's number when a signal ended it, as shells have it. */
  exitCode: number;
  output: string;
  errors: string;
  /** Whether more was written than is kept. */
  isCut: boolean;
  isKilled: boolean;
}

/** A program under way. */
export interface RunningProgram {
  /** Settles when it and everything it started have ended. */
  readonly ended: Promise<ProgramEnding>;
  /** SIGKILL to its group; idempotent. */
  kill(): void;
}

/** Of each of output and errors; what comes after it is read and forgotten. */
const MAX_OUTPUT_BYTES = 1_024 * 1_024;
const MAX_SWEEPS = 20;

/** Starts a program through the launcher, in a session of its own, with an environment made from nothing. */
export function startProgram(
  launcher: Launcher,
  order: RunOrder,
  input: ReadableStream<Uint8Array> | undefined,
): RunningProgram {
  const { executable, args } = launcher();
  const child = Bun.spawn([executable, ...args, RUN_PROGRAM, JSON.stringify(order)], {
    cwd: "/",
    env: { PATH: "/usr/bin:/bin", LANG: "C.UTF-8" },
    stdin: input ?? "ignore",
    stdout: "pipe",
    stderr: "pipe",
    detached: true,
  });
  let isKilled = false;
  const kill = (): void => {
    isKilled = true;
    endGroup(child.pid);
  };
  const ended = finish(child, order.uid).then((ending) => ({ ...ending, isKilled }));
  return { ended, kill };
}

type Child = Bun.Subprocess<"ignore" | ReadableStream<Uint8Array>, "pipe", "pipe">;

async function finish(child: Child, uid: number | undefined) {
  const reading = Promise.all([captured(child.stdout), captured(child.stderr)]);
  const exitCode = await child.exited;
  // What it left behind would hold its pipes open, and go on without anybody knowing.
  endGroup(child.pid);
  if (uid !== undefined) endUser(uid);
  const [output, errors] = await reading;
  return { exitCode, output: output.text, errors: errors.text, isCut: output.isCut || errors.isCut };
}

async function captured(stream: ReadableStream<Uint8Array>): Promise<{ text: string; isCut: boolean }> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  let isCut = false;
  for await (const chunk of stream) {
    const kept = chunk.subarray(0, MAX_OUTPUT_BYTES - sizeBytes);
    isCut ||= kept.length < chunk.length;
    sizeBytes += kept.length;
    if (kept.length > 0) chunks.push(kept);
  }
  return { text: Buffer.concat(chunks).toString("utf8"), isCut };
}

/** Its session is its group too, so the negative number reaches all that did not leave it. */
const endGroup = (pid: number): void => endProcess(-pid);

/** A process that left the group still has the user that nobody else has. */
function endUser(uid: number): void {
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    const left = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && ownerOf(name) === uid);
    if (left.length === 0) return;
    for (const pid of left) endProcess(Number(pid));
  }
}

function ownerOf(pid: string): number | undefined {
  try {
    return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid;
  } catch (error) {
    if (errorCodeOf(error) === "ESRCH") return undefined;
    throw error;
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (errorCodeOf(error) !== "ESRCH") throw error;
  }
}
