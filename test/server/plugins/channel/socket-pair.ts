import type { ByteSocket } from "../../../../server/plugins/jail/jailed-process.ts";

/** One end of a pair in memory: what is written here arrives there, in a later turn, cut into pieces as asked. */
export class MemorySocket implements ByteSocket {
  peer: MemorySocket | undefined;
  /** Largest piece in which bytes arrive at the other end. */
  pieceBytes = Number.POSITIVE_INFINITY;
  /** Bytes that may lie unread at the other end before a write says that it is full. */
  capacityBytes = 256 * 1024;
  isClosed = false;
  isPaused = false;
  readonly #unread: Uint8Array[] = [];
  #unreadBytes = 0;
  #data: (bytes: Uint8Array) => void = () => undefined;
  #close: () => void = () => undefined;
  #drained: (() => void)[] = [];
  #isScheduled = false;

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#data = listener;
    this.#deliverLater();
  }

  onClose(listener: () => void): void {
    this.#close = listener;
  }

  write(bytes: Uint8Array): boolean {
    const { peer } = this;
    if (this.isClosed || peer === undefined || peer.isClosed) return true;
    const step = Math.min(this.pieceBytes, Math.max(1, bytes.length));
    for (let at = 0; at < bytes.length; at += step) peer.#unread.push(bytes.slice(at, at + step));
    peer.#unreadBytes += bytes.length;
    peer.#deliverLater();
    return peer.#unreadBytes < this.capacityBytes;
  }

  drained(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#drained.push(resolve);
    return promise;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    this.#deliverLater();
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    const { peer } = this;
    setImmediate(() => peer?.ended());
  }

  ended(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#close();
  }

  #deliverLater(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#deliver());
  }

  #deliver(): void {
    this.#isScheduled = false;
    while (!this.isPaused && !this.isClosed) {
      const bytes = this.#unread.shift();
      if (bytes === undefined) break;
      this.#unreadBytes -= bytes.length;
      this.#data(bytes);
    }
    const { peer } = this;
    if (peer === undefined || this.#unreadBytes >= peer.capacityBytes) return;
    for (const wake of peer.#drained.splice(0)) wake();
  }
}

export function socketPair(): [MemorySocket, MemorySocket] {
  const [one, other] = [new MemorySocket(), new MemorySocket()];
  one.peer = other;
  other.peer = one;
  return [one, other];
}
