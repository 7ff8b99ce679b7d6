import type { ByteSocket } from "./jailed-process.ts";

/** Bun takes a descriptor; its types do not say so. */
declare module "bun" {
  function connect<Data = undefined>(options: FdSocketOptions<Data>): Promise<Socket<Data>>;
}

/**
 * A stream of bytes over a connected socket that this process holds. What arrives before there is a listener waits in
 * the kernel; what the kernel does not take is kept here, in order, until it does.
 */
export class FdSocket implements ByteSocket {
  #socket: Bun.Socket<undefined> | undefined;
  #onData: ((bytes: Uint8Array) => void) | undefined;
  readonly #onClose: (() => void)[] = [];
  readonly #unheard: Uint8Array[] = [];
  readonly #unsent: Uint8Array[] = [];
  #drain = Promise.withResolvers<void>();
  #onFirstByte: ((byte: number) => void) | undefined;
  #isPaused = false;
  #isClosed = false;

  private constructor() {}

  /** Takes over `fd`; writes that come before it is ready are kept. */
  static over(fd: number): FdSocket {
    const socket = new FdSocket();
    Bun.connect({
      fd,
      socket: {
        binaryType: "uint8array",
        open: (opened) => socket.#opened(opened),
        data: (_, bytes) => socket.#arrived(bytes),
        drain: () => socket.#flush(),
        close: () => socket.#closed(),
        error: () => socket.#closed(),
      },
    }).catch(() => socket.#closed());
    return socket;
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#onData = listener;
    for (const bytes of this.#unheard.splice(0)) listener(bytes);
    if (!this.#isPaused) this.#socket?.resume();
  }

  /** The first byte that arrives, which no listener then hears; called before anything can have arrived. */
  firstByte(): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#onFirstByte = resolve;
    return promise;
  }

  onClose(listener: () => void): void {
    if (this.#isClosed) queueMicrotask(listener);
    else this.#onClose.push(listener);
  }

  write(bytes: Uint8Array): boolean {
    if (this.#isClosed) return true;
    this.#unsent.push(bytes);
    this.#flush();
    return this.#unsent.length === 0;
  }

  drained(): Promise<void> {
    return this.#unsent.length === 0 || this.#isClosed ? Promise.resolve() : this.#drain.promise;
  }

  pause(): void {
    this.#isPaused = true;
    this.#socket?.pause();
  }

  resume(): void {
    this.#isPaused = false;
    if (this.#onData) this.#socket?.resume();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#socket?.end();
    this.#closed();
  }

  #opened(socket: Bun.Socket<undefined>): void {
    if (this.#isClosed) {
      socket.end();
      return;
    }
    this.#socket = socket;
    if (this.#isPaused) socket.pause();
    this.#flush();
  }

  #arrived(bytes: Uint8Array): void {
    if (this.#onFirstByte) {
      this.#onFirstByte(bytes[0] ?? 0);
      this.#onFirstByte = undefined;
      if (bytes.length > 1) this.#arrived(bytes.subarray(1));
    } else if (this.#onData) {
      this.#onData(bytes);
    } else {
      this.#unheard.push(bytes);
      this.#socket?.pause();
    }
  }

  #flush(): void {
    while (this.#socket) {
      const [first] = this.#unsent;
      if (!first) break;
      const sentBytes = Math.max(0, this.#socket.write(first));
      if (sentBytes < first.length) {
        this.#unsent[0] = first.subarray(sentBytes);
        return;
      }
      this.#unsent.shift();
    }
    if (this.#unsent.length === 0) this.#settleDrain();
  }

  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#unsent.length = 0;
    this.#settleDrain();
    for (const listener of this.#onClose.splice(0)) listener();
  }

  #settleDrain(): void {
    this.#drain.resolve();
    this.#drain = Promise.withResolvers();
  }
}
