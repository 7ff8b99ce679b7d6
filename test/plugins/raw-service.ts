import { createServer, type Server, type Socket } from "node:net";

/** What a connection is answered with. */
export interface RawAnswer {
  /** `head`, then `again` and again as fast as the other side reads, up to `limitBytes`; then the end. */
  pour(head: string, again: string, limitBytes: number): void;
  /** One byte of `text`, one more for each turn that the test asks for; never the end. */
  drip(text: string): void;
}

/** A service that answers in bytes of the test's. */
export class RawService implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #left = Promise.withResolvers<void>();
  readonly #waiting: { bytes: number; resolve: () => void }[] = [];
  sentBytes = 0;
  /** Connections that were made. */
  connections = 0;

  constructor(answer: (socket: RawAnswer) => void) {
    this.#server = createServer((socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => {
        this.#sockets.delete(socket);
        this.#left.resolve();
      });
      socket.once("data", () =>
        answer({
          pour: (head, again, limitBytes) => this.#pour(socket, head, again, limitBytes),
          drip: (text) => void socket.write(text.slice(0, 1)),
        }),
      );
    }).listen(0, "127.0.0.1");
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("The service does not listen.");
    return `http://127.0.0.1:${address.port}/`;
  }

  /** Connections that are open. */
  get open(): number {
    return this.#sockets.size;
  }

  /** Once a connection is closed, by either side. */
  get isLeft(): Promise<void> {
    return this.#left.promise;
  }

  /** Once so much was taken from it. */
  hasSent(bytes: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ bytes, resolve });
    return promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #pour(socket: Socket, head: string, again: string, limitBytes: number): void {
    socket.write(head);
    let leftBytes = limitBytes;
    const go = (): void => {
      while (!socket.destroyed && leftBytes > 0) {
        leftBytes -= again.length;
        this.sentBytes += again.length;
        for (const { bytes, resolve } of this.#waiting) if (this.sentBytes >= bytes) resolve();
        if (!socket.write(again)) {
          socket.once("drain", go);
          return;
        }
      }
      socket.end();
    };
    go();
  }
}
