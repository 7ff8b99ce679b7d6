/** A server's samplings as they happen, told by its live metrics. */
export class TickFeed implements Disposable {
  readonly #socket: WebSocket;
  /** When the samplings were that were told of, in epoch milliseconds. */
  readonly times: number[] = [];
  #waiting: { count: number; resolve: () => void }[] = [];

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.#take(String(data)));
  }

  /** Follows them from now on, each second at most. @throws Error when the socket is refused */
  static async open(address: string, token: string): Promise<TickFeed> {
    const url = `${address.replace("http", "ws")}/api/v3/ws/live-metrics?interval=1`;
    const headers = { authorization: `Bearer ${token}` };
    const socket = new WebSocket(url, { headers } as unknown as string[]);
    const feed = new TickFeed(socket);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("error", () => reject(new Error("The socket of live metrics was refused.")));
    await promise;
    return feed;
  }

  /** Resolves when `count` more samplings were told of. */
  next(count = 1): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ count: this.times.length + count, resolve });
    return promise;
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  #take(text: string): void {
    const { type, at } = JSON.parse(text) as { type: string; at: number };
    if (type !== "delta") return;
    this.times.push(at);
    for (const { count, resolve } of this.#waiting) if (count <= this.times.length) resolve();
    this.#waiting = this.#waiting.filter(({ count }) => count > this.times.length);
  }
}
