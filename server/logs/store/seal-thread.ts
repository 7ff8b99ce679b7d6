import { Worker } from "node:worker_threads";
import { AppError } from "../../errors/app-error.ts";
import type { Clock } from "../../lib/clock.ts";
import { within } from "../../lib/deadline.ts";
import { workerAddress } from "../../lib/program-file.ts";
import type { Lines } from "./block.ts";
import type { SealAnswer, SealRequest } from "./seal-protocol.ts";
import { LINE } from "./text.ts";

/** A step takes some tens of milliseconds; one that takes so long hangs. */
const STEP_TIMEOUT_MS = 60_000;

type Waiting = PromiseWithResolvers<void>;

/** The server's end of a sealing thread. One step at a time; after one that failed it is ended and another is begun. */
export class SealThread {
  readonly #clock: Clock;
  readonly #worker = new Worker(workerAddress("logs/store/seal-worker"));
  #waiting: Waiting | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    // Whoever waits for a step keeps the process; an idle thread does not.
    this.#worker.unref();
    this.#worker.on("message", (answer: SealAnswer) => {
      if (answer.kind === "done") this.#waiting?.resolve();
      else
        this.#waiting?.reject(new AppError(answer.code, answer.message, { cause: new Error(answer.cause) }));
    });
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", (code) => this.#fail(new Error(`it ended with ${code}`)));
  }

  /** Compresses lines and makes their terms. @throws AppError */
  pack(path: string, { firstId, marks, texts }: Lines): Promise<void> {
    return this.#step({ kind: "pack", path, firstId, marks, text: texts.join(LINE) });
  }

  /** Stores what was packed last, in place of its rows of the tail. @throws AppError; then nothing was changed. */
  store(sealedAt: number): Promise<void> {
    return this.#step({ kind: "store", sealedAt });
  }

  /** Lets go of the file. @throws AppError when it did not answer; it is ended all the same. */
  async end(): Promise<void> {
    try {
      await this.#step({ kind: "close" });
    } finally {
      await this.kill();
    }
  }

  /** Ends at once; for a thread that failed. */
  async kill(): Promise<void> {
    await this.#worker.terminate();
  }

  async #step(request: SealRequest): Promise<void> {
    const waiting = Promise.withResolvers<void>();
    this.#waiting = waiting;
    this.#worker.ref();
    this.#worker.postMessage(request);
    try {
      await within(this.#clock, STEP_TIMEOUT_MS, waiting.promise, () => failure(new Error("it hangs")));
    } finally {
      this.#waiting = undefined;
      this.#worker.unref();
    }
  }

  #fail(cause: unknown): void {
    this.#waiting?.reject(failure(cause));
  }
}

const failure = (cause: unknown): AppError =>
  new AppError("internal", "The thread that seals log lines failed.", { cause });
