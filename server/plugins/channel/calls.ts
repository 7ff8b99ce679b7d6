import { LazyAbort } from "../../lib/lazy-abort.ts";
import { badAnswer, ChannelError } from "./failure.ts";
import { MAX_FRAME_ID } from "./frames.ts";
import type { Violation } from "./violations.ts";

/** Requests that may wait for their answers at once, those cancelled but not yet answered included. */
const MAX_CALLS = 256;

/** A request that was sent. */
export interface SentCall {
  /** What came back. @throws ChannelError `remote`, `closed`, `cancelled`, `bad_answer`, `answer_too_large` */
  answer: Promise<unknown>;
  /**
   * Settles when the other side has answered, be it after a cancellation, or the channel has ended: until then the
   * other side may still be at it.
   */
  answered: Promise<void>;
  /** Gives up the wait, as an abortion of its signal does; not to be called once it has been answered. */
  cancel: (reason: unknown) => void;
}

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
  answered: () => void;
  maxAnswerBytes: number;
}

/** The number after `id` in a row that both sides count alike. */
const nextCallId = (id: number): number => (id === MAX_FRAME_ID ? 1 : id + 1);

/** The requests of one side of a channel that wait for an answer. */
export class SentCalls {
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  get size(): number {
    return this.#waiting.size;
  }

  /** Takes a number for a request and waits for its answer. @throws ChannelError `busy` */
  begin(maxAnswerBytes: number): Omit<SentCall, "cancel"> & { id: number; fail: (error: unknown) => void } {
    if (this.#waiting.size >= MAX_CALLS) throw new ChannelError("busy", "Too many requests are under way.");
    const id = nextCallId(this.#lastId);
    this.#lastId = id;
    const answer = Promise.withResolvers<unknown>();
    const answered = Promise.withResolvers<void>();
    this.#waiting.set(id, {
      resolve: answer.resolve,
      reject: answer.reject,
      answered: answered.resolve,
      maxAnswerBytes,
    });
    return { id, answer: answer.promise, answered: answered.promise, fail: answer.reject };
  }

  /** Takes the answer of `sizeBytes` in; `read` gives its value, or a promise of it. A violation when nobody waits for that number. */
  settle(id: number, sizeBytes: number, read: () => unknown): Violation | undefined {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return "unknown_answer";
    this.#waiting.delete(id);
    waiting.answered();
    if (sizeBytes > waiting.maxAnswerBytes) {
      const most = waiting.maxAnswerBytes;
      waiting.reject(
        new ChannelError(
          "answer_too_large",
          `The answer has ${sizeBytes} bytes; at most ${most} are allowed.`,
        ),
      );
      return undefined;
    }
    try {
      waiting.resolve(read());
      return undefined;
    } catch (cause) {
      waiting.reject(badAnswer(cause));
      return "bad_payload";
    }
  }

  /** Fails an answer that came as an error. */
  fail(id: number, error: unknown): Violation | undefined {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return "unknown_answer";
    this.#waiting.delete(id);
    waiting.answered();
    waiting.reject(error);
    return undefined;
  }

  /** Fails everything that waits. */
  close(error: ChannelError): void {
    for (const { reject, answered } of this.#waiting.values()) {
      reject(error);
      answered();
    }
    this.#waiting.clear();
  }
}

/** Aborted when the other side no longer wants the answer, or the channel has ended. */
export type ServedCall = Pick<LazyAbort<ChannelError>, "signal" | "onAbort">;

/** The requests of the other side that are being served. */
export class ServedCalls {
  readonly #limit: number;
  readonly #serving = new Map<number, LazyAbort<ChannelError>>();
  #lastId = 0;

  /** @param limit requests under way at once; the other side knows it too */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** A request that begins; a violation when its number is not the next, or too many are under way. */
  begin(id: number): ServedCall | Violation {
    if (id !== nextCallId(this.#lastId)) return "forged_id";
    this.#lastId = id;
    if (this.#serving.size >= this.#limit) return "too_many_requests";
    const call = new LazyAbort<ChannelError>();
    this.#serving.set(id, call);
    return call;
  }

  end(id: number): void {
    this.#serving.delete(id);
  }

  /** A request that has been answered meanwhile is cancelled in vain. */
  cancel(id: number): Violation | undefined {
    if (id > this.#lastId) return "forged_id";
    this.#serving.get(id)?.abort(new ChannelError("cancelled", "The request was cancelled."));
    return undefined;
  }

  close(error: ChannelError): void {
    for (const call of this.#serving.values()) call.abort(error);
    this.#serving.clear();
  }
}
