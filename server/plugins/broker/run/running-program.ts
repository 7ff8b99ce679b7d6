import { readdirSync, statSync } from "node:fs";
import { AppError, errorCodeOf } from "../../../errors/app-error.ts";
import type { Clock } from "../../../lib/clock.ts";
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
/** As JSON, of each: both are one answer, and fit into a frame of the channel. */
const MAX_JSON_BYTES = 1_536 * 1_024;
/** What JSON makes of one character at most: a control character is written as six. */
const MAX_BYTES_A_CHARACTER = 6;
const MAX_SWEEPS = 20;
/** One argument of a program has less than 128 KiB on Linux (MAX_ARG_STRLEN). */
const MAX_ORDER_BYTES = 120_000;
/** What is left of the output may take this long to arrive once the program has ended. */
const DRAIN_MS = 2_000;

/**
 * Starts a program through the launcher, in a session of its own, with an environment made from nothing.
 * @throws AppError `invalid_request` when the arguments are too long
 */
export function startProgram(
  launcher: Launcher,
  order: RunOrder,
  input: ReadableStream<Uint8Array> | undefined,
  clock: Clock,
): RunningProgram {
  const { executable, args } = launcher();
  const text = JSON.stringify(order);
  if (Buffer.byteLength(text) > MAX_ORDER_BYTES) {
    throw new AppError("invalid_request", `The arguments are longer than ${MAX_ORDER_BYTES} bytes together.`);
  }
  const child = Bun.spawn([executable, ...args, RUN_PROGRAM, text], {
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
  const ended = finish(child, order.uid, clock).then((ending) => ({ ...ending, isKilled }));
  return { ended, kill };
}

type Child = Bun.Subprocess<"ignore" | ReadableStream<Uint8Array>, "pipe", "pipe">;

async function finish(child: Child, uid: number | undefined, clock: Clock) {
  const [output, errors] = [new Captured(child.stdout), new Captured(child.stderr)];
  const exitCode = await child.exited;
  // What it left behind would go on without anybody knowing, and hold its pipes open.
  endGroup(child.pid);
  if (uid !== undefined) endUser(uid);
  const timer = clock.after(DRAIN_MS, () => {
    output.leave();
    errors.leave();
  });
  const isCut = (await output.isCut) || (await errors.isCut);
  timer.cancel();
  const [said, complained] = [fitting(output.text), fitting(errors.text)];
  const isWhole = said.length === output.text.length && complained.length === errors.text.length;
  return { exitCode, output: said, errors: complained, isCut: isCut || !isWhole };
}

/** The text, or as much of its beginning as fits into an answer whatever it holds. */
const fitting = (text: string): string =>
  Buffer.byteLength(JSON.stringify(text)) <= MAX_JSON_BYTES
    ? text
    : text.slice(0, MAX_JSON_BYTES / MAX_BYTES_A_CHARACTER);

/** The beginning of what a program writes; all of it is read, so that it never waits for room. */
class Captured {
  /** Whether there was more; settles at the end of the stream, or when it is left. */
  readonly isCut: Promise<boolean>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #chunks: Uint8Array[] = [];
  readonly #left = Promise.withResolvers<boolean>();

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
    this.isCut = Promise.race([this.#read(), this.#left.promise]);
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }

  /** Reads no further. */
  leave(): void {
    this.#left.resolve(true);
    this.#reader.cancel().catch(() => undefined);
  }

  async #read(): Promise<boolean> {
    let sizeBytes = 0;
    let isCut = false;
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) return isCut;
      const kept = value.subarray(0, MAX_OUTPUT_BYTES - sizeBytes);
      isCut ||= kept.length < value.length;
      sizeBytes += kept.length;
      if (kept.length > 0) this.#chunks.push(kept);
    }
  }
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
