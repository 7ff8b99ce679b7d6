import type { FeedSocket } from "../../web/data/reconnecting-socket.ts";

/** A socket that a test speaks through; `sent` is what the page said. */
export class FakeFeedSocket implements FeedSocket {
  onopen: FeedSocket["onopen"] = null;
  onmessage: FeedSocket["onmessage"] = null;
  onclose: FeedSocket["onclose"] = null;
  closedWith: number | undefined;
  readonly sent: { type: string; payload?: unknown }[] = [];

  constructor(
    readonly path: string,
    readonly protocol: string | undefined,
  ) {}

  get isClosed(): boolean {
    return this.closedWith !== undefined;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(code?: number): void {
    this.closedWith = code;
  }

  /** The server's words: text as it is, anything else as JSON. */
  say(message: unknown): void {
    this.onmessage?.({ data: typeof message === "string" ? message : JSON.stringify(message) });
  }

  /** The line breaks. */
  fail(): void {
    this.onclose?.({ code: 1006 });
  }
}

/** Every socket that was opened, and the way to open one. */
export class FakeSockets {
  readonly all: FakeFeedSocket[] = [];

  readonly open = (path: string, protocol?: string): FakeFeedSocket => {
    const socket = new FakeFeedSocket(path, protocol);
    this.all.push(socket);
    return socket;
  };

  /** @throws Error when none was opened. */
  get last(): FakeFeedSocket {
    const socket = this.all.at(-1);
    if (socket === undefined) throw new Error("No socket was opened.");
    return socket;
  }
}
