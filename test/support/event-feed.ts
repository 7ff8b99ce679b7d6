/** An event, as the socket sends it. */
export interface FeedEvent {
  type: string;
  payload: Record<string, unknown>;
}

/** A server's events, those that it still has from before included, kept so that waiting for one never misses it. */
export class EventFeed {
  readonly #socket: WebSocket;
  readonly #events: FeedEvent[] = [];
  #waiting: (() => boolean)[] = [];

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.#take(String(data)));
  }

  /** @throws Error when the socket is refused */
  static async open(address: string, token: string, types: string): Promise<EventFeed> {
    const url = `${address.replace("http", "ws")}/api/v3/ws/events?types=${types}&since=0`;
    const headers = { authorization: `Bearer ${token}` };
    const socket = new WebSocket(url, { headers } as unknown as string[]);
    const feed = new EventFeed(socket);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("error", () => reject(new Error("The event socket was refused.")));
    await promise;
    return feed;
  }

  /** All of that type about that plugin so far. */
  of(type: string, pluginId: string): FeedEvent[] {
    return this.#events.filter((event) => event.type === type && event.payload.pluginId === pluginId);
  }

  /** The `count`th event of that type about that plugin, once it has happened. */
  until(type: string, pluginId: string, count = 1): Promise<FeedEvent> {
    const { promise, resolve } = Promise.withResolvers<FeedEvent>();
    const look = (): boolean => {
      const event = this.of(type, pluginId)[count - 1];
      if (event) resolve(event);
      return event !== undefined;
    };
    if (!look()) this.#waiting.push(look);
    return promise;
  }

  close(): void {
    this.#socket.close();
  }

  #take(text: string): void {
    const message = JSON.parse(text) as { type: string; event?: FeedEvent };
    if (message.type !== "event" || !message.event) return;
    this.#events.push(message.event);
    this.#waiting = this.#waiting.filter((look) => !look());
  }
}
