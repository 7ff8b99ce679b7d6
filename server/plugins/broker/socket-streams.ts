import type { Socket } from "node:net";
import { AppError } from "../../errors/app-error.ts";

/**
 * An open socket as two streams with back-pressure. It reads by `readable`: the socket can then be taken over by TLS
 * without a byte being lost or read twice.
 */
export class SocketStreams {
  readonly socket: Socket;
  /** What the other side says. */
  readonly reading: ReadableStream<Uint8Array>;
  #wake: (() => void) | undefined;
  #isDetached = false;
  #writing: AbortController | undefined;
  #written: Promise<void> = Promise.resolve();

  constructor(socket: Socket) {
    this.socket = socket;
    for (const event of ["readable", "end", "close"]) socket.on(event, this.#ring);
    this.reading = new ReadableStream(
      { pull: (controller) => this.#pull(controller), cancel: () => this.close() },
      { highWaterMark: 0 },
    );
  }

  /** Sends what `source` gives; its end is the end of this half of the connection. */
  write(source: ReadableStream<Uint8Array>): void {
    const writing = new AbortController();
    this.#writing = writing;
    this.#written = this.#send(source, writing.signal);
  }

  /**
   * Gives the socket away, both streams ended: for TLS.
   * @throws AppError `outbound_failed` when bytes were received that nobody asked for: they would count as said under TLS
   */
  async detach(): Promise<Socket> {
    this.#isDetached = true;
    this.#writing?.abort();
    await this.#written;
    this.#ring();
    for (const event of ["readable", "end", "close"]) this.socket.off(event, this.#ring);
    if (this.socket.readableLength > 0 || this.socket.destroyed) {
      this.close();
      throw new AppError("outbound_failed", "The other side spoke on before TLS began.");
    }
    return this.socket;
  }

  close(): void {
    this.socket.destroy();
    this.#writing?.abort();
    this.#ring();
  }

  readonly #ring = (): void => this.#wake?.();

  async #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    for (;;) {
      const chunk: Buffer | null = this.#isDetached ? null : this.socket.read();
      if (chunk !== null) return controller.enqueue(chunk);
      if (this.#isDetached || this.socket.readableEnded || this.socket.destroyed) return controller.close();
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }

  async #send(source: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<void> {
    const reader = source.getReader();
    const abort = (): void => void reader.cancel().catch(() => undefined);
    signal.addEventListener("abort", abort, { once: true });
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (signal.aborted || this.socket.destroyed) return;
        if (done) return void this.socket.end();
        if (!this.socket.write(value)) await this.#drained(signal);
      }
    } catch {
      // The plugin's stream failed: what it began to say has no end, so the connection is of no use.
      this.socket.destroy();
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  async #drained(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = (): void => resolve();
    this.socket.once("drain", done);
    this.socket.once("close", done);
    signal.addEventListener("abort", done, { once: true });
    await promise;
    this.socket.off("drain", done);
    this.socket.off("close", done);
    signal.removeEventListener("abort", done);
  }
}
