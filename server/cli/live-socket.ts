import { resolve } from "node:path";
import { AppError } from "../errors/app-error.ts";
import { Bell } from "../lib/bell.ts";
import type { Clock } from "../lib/clock.ts";
import { within } from "../lib/deadline.ts";

const OPENING_TIMEOUT_MS = 30_000;
/** Messages that wait to be written; beyond it whoever reads the output is too slow. */
const MAX_WAITING = 100_000;

/** Begins a WebSocket to a path of the API. */
export type SocketOpener = (path: string) => WebSocket;

/** Sockets of a listening server, at an address or on the control socket. */
export const networkSocket =
  (base: string, { unix, token }: { unix?: string; token?: string | undefined }): SocketOpener =>
  (path) => {
    const address =
      unix === undefined ? `${base.replace(/^http/, "ws")}${path}` : `ws+unix://${resolve(unix)}:${path}`;
    if (token === undefined) return new WebSocket(address);
    const options = { headers: { authorization: `Bearer ${token}` } };
    // The constructor as browsers have it, which the types show, knows no headers.
    return Reflect.construct(WebSocket, [address, options]);
  };

/** What a socket brings, as JSON, message by message, until it is closed from here. */
export class LiveMessages<T> implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #waiting: T[] = [];
  readonly #bell = new Bell();
  #end: AppError | undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
      if (this.#waiting.length >= MAX_WAITING) this.#fail("the output is taken too slowly");
      else this.#waiting.push(JSON.parse(String(data)) as T);
      this.#bell.ring();
    });
    socket.addEventListener("close", ({ reason }) => this.#fail(reason || "the server ended the connection"));
  }

  /** Settles once the server took the socket. @throws AppError `server_unreachable`, `timed_out` */
  static async open<T>(socket: WebSocket, clock: Clock): Promise<LiveMessages<T>> {
    const messages = new LiveMessages<T>(socket);
    const opened = Promise.withResolvers<void>();
    socket.addEventListener("open", () => opened.resolve());
    socket.addEventListener("close", () => opened.reject(messages.#end));
    try {
      await within(clock, OPENING_TIMEOUT_MS, opened.promise, () => new AppError("timed_out"));
    } catch (error) {
      // One that is still being opened would keep the process.
      socket.close();
      throw error;
    }
    return messages;
  }

  /** @throws AppError `server_unreachable` when the connection ends */
  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      while (this.#waiting.length > 0) yield* this.#waiting.splice(0);
      if (this.#end) throw this.#end;
      await this.#bell.wait();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
  }

  #fail(reason: string): void {
    this.#end ??= new AppError("server_unreachable", `Live lines ended: ${reason}.`);
    this.#bell.ring();
  }
}
