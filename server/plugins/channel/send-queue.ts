import type { ByteSocket } from "../jail/jailed-process.ts";

/** Bytes that wait for the other side before nothing new is begun. */
const CONGESTED_BYTES = 1024 * 1024;
/** Bytes that may wait at all: beyond it the other side has stopped reading. */
const MAX_QUEUED_BYTES = 16 * 1024 * 1024;

/** Frames on their way out, in order, as fast as the other side takes them. */
export class SendQueue {
  readonly #socket: ByteSocket;
  readonly #stalled: () => void;
  readonly #relieved: () => void;
  #frames: Uint8Array[] = [];
  #queuedBytes = 0;
  #isBlocked = false;
  #isClosed = false;
  #waiters: (() => void)[] = [];

  /**
   * @param stalled called once when more waits than may
   * @param relieved called when a congested queue has room again
   */
  constructor(socket: ByteSocket, stalled: () => void, relieved: () => void) {
    this.#socket = socket;
    this.#stalled = stalled;
    this.#relieved = relieved;
  }

  /** Whether so much waits that nothing new should be begun. */
  get isCongested(): boolean {
    return this.#queuedBytes > CONGESTED_BYTES;
  }

  /** Sends now, or when the other side reads again. */
  send(frame: Uint8Array): void {
    if (this.#isClosed) return;
    if (!this.#isBlocked) {
      this.#write(frame);
      return;
    }
    this.#frames.push(frame);
    this.#queuedBytes += frame.length;
    if (this.#queuedBytes > MAX_QUEUED_BYTES) {
      this.close();
      this.#stalled();
    }
  }

  /** Settles when the queue is not congested, or closed. */
  async room(): Promise<void> {
    if (!this.isCongested || this.#isClosed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters.push(resolve);
    await promise;
  }

  /** Drops what waits. */
  close(): void {
    this.#isClosed = true;
    this.#frames = [];
    this.#queuedBytes = 0;
    this.#wake();
  }

  #write(frame: Uint8Array): void {
    if (this.#socket.write(frame)) return;
    this.#isBlocked = true;
    this.#socket.drained().then(
      () => this.#flush(),
      () => this.close(),
    );
  }

  #flush(): void {
    const wasCongested = this.isCongested;
    this.#isBlocked = false;
    let sent = 0;
    for (const frame of this.#frames) {
      if (this.#isBlocked) break;
      sent++;
      this.#queuedBytes -= frame.length;
      this.#write(frame);
    }
    this.#frames.splice(0, sent);
    if (wasCongested && !this.isCongested) this.#wake();
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
    this.#relieved();
  }
}
