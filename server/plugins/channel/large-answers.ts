import { Worker } from "node:worker_threads";
import type { Clock, TimerHandle } from "../../lib/clock.ts";
import { within } from "../../lib/deadline.ts";
import { JsonText } from "../../lib/json-text.ts";
import { Mutex } from "../../lib/mutex.ts";
import { workerAddress } from "../../lib/program-file.ts";
import { JsonError, type JsonRefusal } from "./json.ts";

/** Below it an answer is parsed where it arrives: that takes about a millisecond. */
export const LARGE_ANSWER_BYTES = 256 * 1_024;
/** The largest takes some tens of milliseconds; a thread that takes so long hangs. */
const LOOK_TIMEOUT_MS = 10_000;
/** A thread that nobody needs for so long is ended: it holds some megabytes. */
const IDLE_MS = 30_000;

/** What the thread is sent; the bytes go over with it. */
export interface LookThrough {
  bytes: Uint8Array<ArrayBuffer>;
}
/** What it answers: the bytes back, or why they are not taken. */
export type LookedThrough = { bytes: Uint8Array<ArrayBuffer> } | { refusal: JsonRefusal };

/** Looks through large answers of plugins in a thread of its own, one after another. The thread is there while it is needed. */
export class LargeAnswers {
  readonly #clock: Clock;
  readonly #turns = new Mutex();
  #worker: Worker | undefined;
  #idle: TimerHandle | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Takes `payload` over: its bytes are gone here.
   * @throws JsonError as `decodeJson` does; Error when the thread failed
   */
  read(payload: Uint8Array): Promise<JsonText> {
    const bytes = ownBytes(payload);
    return this.#turns.run(async () => {
      const looked = await this.#ask({ bytes });
      if ("refusal" in looked) throw new JsonError(looked.refusal);
      return new JsonText(new TextDecoder().decode(looked.bytes));
    });
  }

  async #ask(request: LookThrough): Promise<LookedThrough> {
    this.#idle?.cancel();
    this.#worker ??= new Worker(workerAddress("plugins/channel/json-worker"));
    const worker = this.#worker;
    const { promise, resolve, reject } = Promise.withResolvers<LookedThrough>();
    const ended = (code: unknown): void => reject(failure(code));
    worker.on("message", resolve).on("error", ended).on("exit", ended);
    worker.ref();
    worker.postMessage(request, [request.bytes.buffer]);
    try {
      return await within(this.#clock, LOOK_TIMEOUT_MS, promise, () => failure("it hangs"));
    } catch (error) {
      await this.#end();
      throw error;
    } finally {
      worker.off("message", resolve).off("error", ended).off("exit", ended);
      worker.unref();
      this.#idle = this.#clock.after(IDLE_MS, () => void this.#end());
    }
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }
}

const failure = (cause: unknown): Error =>
  new Error("The thread that reads large answers failed.", { cause });

/** Bytes that can be given away: those of a frame that came in pieces lie alone, a frame within a larger read is copied. */
function ownBytes(payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = payload;
  const isAlone = buffer instanceof ArrayBuffer && buffer.byteLength < 2 * byteLength;
  return isAlone ? new Uint8Array(buffer, byteOffset, byteLength) : new Uint8Array(payload);
}
