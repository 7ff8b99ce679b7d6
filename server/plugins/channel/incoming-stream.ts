import { STREAM_CREDIT_BYTES } from "../../../schema/plugin/rpc.ts";

/** What a data frame costs at least: else many tiny ones would hold more memory than their credit says. */
const MIN_CHARGE_BYTES = 256;
/** Credit is given back in pieces of this size. */
const CREDIT_STEP_BYTES = STREAM_CREDIT_BYTES / 4;

/** What `sizeBytes` of one data frame take from the credit; both sides count alike. */
export const chargeOf = (sizeBytes: number): number => Math.max(sizeBytes, MIN_CHARGE_BYTES);

interface Signals {
  /** The reader has taken so much more. */
  credit(bytes: number): void;
  /** The reader wants no more; the writer may still be sending. */
  cancel(): void;
  /** Nothing more will be read or arrive. */
  done(): void;
}

/** A stream that the other side writes: what has arrived waits here, within the credit given, until it is read. */
export class IncomingStream {
  readonly readable: ReadableStream<Uint8Array>;
  readonly #signals: Signals;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #chunks: Uint8Array[] = [];
  #creditBytes = STREAM_CREDIT_BYTES;
  #readBytes = 0;
  #isWanted = false;
  #isEnded = false;
  #isCancelled = false;

  constructor(signals: Signals) {
    this.#signals = signals;
    this.readable = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => {
          this.#isWanted = true;
          this.#pass();
        },
        cancel: () => this.#cancel(),
      },
      { highWaterMark: 0 },
    );
  }

  /** Whether the writer is done with it, well or not. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Takes `bytes` in; false when they are more than the credit allows. */
  push(bytes: Uint8Array): boolean {
    const charge = chargeOf(bytes.length);
    if (this.#isEnded || charge > this.#creditBytes) return false;
    this.#creditBytes -= charge;
    if (this.#isCancelled) return true;
    this.#chunks.push(bytes.slice());
    this.#pass();
    return true;
  }

  /** The writer is done. */
  end(): void {
    this.#isEnded = true;
    if (this.#isCancelled) this.#signals.done();
    else this.#pass();
  }

  /** The writer failed, or the channel ended: what has not been read is dropped. */
  fail(error: unknown): void {
    if (this.#isCancelled) {
      this.#isEnded = true;
      this.#signals.done();
      return;
    }
    if (this.#isEnded && this.#chunks.length === 0) return;
    this.#isEnded = true;
    this.#chunks = [];
    this.#controller?.error(error);
    this.#controller = undefined;
    this.#signals.done();
  }

  #pass(): void {
    const controller = this.#controller;
    if (controller === undefined || !this.#isWanted) return;
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#isWanted = false;
      this.#giveBack(chargeOf(chunk.length));
      controller.enqueue(chunk);
    } else if (this.#isEnded) {
      this.#controller = undefined;
      controller.close();
      this.#signals.done();
    }
  }

  #giveBack(charge: number): void {
    this.#readBytes += charge;
    if (this.#readBytes < CREDIT_STEP_BYTES || this.#isEnded) return;
    this.#creditBytes += this.#readBytes;
    this.#signals.credit(this.#readBytes);
    this.#readBytes = 0;
  }

  #cancel(): void {
    this.#isCancelled = true;
    this.#controller = undefined;
    this.#chunks = [];
    if (this.#isEnded) this.#signals.done();
    else this.#signals.cancel();
  }
}
