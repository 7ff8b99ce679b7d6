import type { ByteSocket } from "../jail/jailed-process.ts";

/** Bytes that wait for the other side before streams stop and messages are dropped: calls must not wait behind many. */
const ROOM_BYTES = 256 * 1024;
/** Before nothing new is begun; more than all streams can add at once. */
const CONGESTED_BYTES = 8 * 1024 * 1024;
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
   * @param relieved called when the other side has taken some of it
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

  /** Whether there is room for what is not urgent. */
  get hasRoom(): boolean {
    return this.#queuedBytes <= ROOM_BYTES;
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

  /** Settles when there is room for a stream's bytes, or the queue is closed. */
  async room(): Promise<void> {
    while (!this.hasRoom && !this.#isClosed) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiters.push(resolve);
      await promise;
    }
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
    this.#isBlocked = false;
    let sent = 0;
    for (const frame of this.#frames) {
      if (this.#isBlocked) break;
      sent++;
      this.#queuedBytes -= frame.length;
      this.#write(frame);
    }
    this.#frames.splice(0, sent);
    if (this.hasRoom) this.#wake();
    this.#relieved();
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}
