import { STREAM_CREDIT_BYTES } from "../../../schema/plugin/rpc.ts";
import { Bell } from "../../lib/bell.ts";
import { MAX_DATA_BYTES } from "./frames.ts";
import { chargeOf } from "./incoming-stream.ts";

interface Line {
  data(bytes: Uint8Array): void;
  end(): void;
  /** The source failed. */
  abort(thrown: unknown): void;
  /** Settles when the channel has room for a stream's bytes. */
  room(): Promise<void>;
}

/** A stream that this side writes: its source is read only as far as the other side gives credit. */
export class OutgoingStream {
  readonly #source: ReadableStream<Uint8Array>;
  readonly #line: Line;
  readonly #bell = new Bell();
  #creditBytes = STREAM_CREDIT_BYTES;
  #cancelled: unknown;
  #isCancelled = false;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;

  constructor(source: ReadableStream<Uint8Array>, line: Line) {
    this.#source = source;
    this.#line = line;
  }

  /** Adds to the credit; false when the reader never had so much to give. */
  credit(bytes: number): boolean {
    if (bytes === 0 || this.#creditBytes + bytes > STREAM_CREDIT_BYTES) return false;
    this.#creditBytes += bytes;
    this.#bell.ring();
    return true;
  }

  /** The reader wants no more, or the channel ended. */
  cancel(reason: unknown): void {
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    this.#cancelled = reason;
    this.#bell.ring();
    // What the source says to it is of no use to anybody any more.
    this.#reader?.cancel(reason).catch(() => undefined);
  }

  /** Sends the source to its end; never throws: a failure of the source is told to the reader. */
  async run(): Promise<void> {
    try {
      const reader = this.#source.getReader();
      this.#reader = reader;
      for (;;) {
        await this.#credited();
        const { done, value } = await reader.read();
        if (this.#isCancelled) break;
        if (done) return this.#line.end();
        await this.#send(value);
      }
      this.#line.abort(this.#cancelled);
    } catch (thrown) {
      this.#line.abort(thrown);
      await this.#reader?.cancel(thrown).catch(() => undefined);
    }
  }

  async #send(bytes: Uint8Array): Promise<void> {
    let offset = 0;
    while (offset < bytes.length) {
      await this.#credited();
      if (this.#isCancelled) throw this.#cancelled;
      const taken = Math.min(MAX_DATA_BYTES, this.#creditBytes, bytes.length - offset);
      this.#creditBytes -= chargeOf(taken);
      this.#line.data(bytes.subarray(offset, offset + taken));
      offset += taken;
    }
  }

  /** Waits until a frame of any size may be sent, or nobody wants one. */
  async #credited(): Promise<void> {
    await this.#line.room();
    while (this.#creditBytes < chargeOf(1) && !this.#isCancelled) await this.#bell.wait();
  }
}
