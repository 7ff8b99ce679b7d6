import { AppError } from "../../../errors/app-error.ts";
import type { Clock } from "../../../lib/clock.ts";
import { within } from "../../../lib/deadline.ts";
import { FdSocket } from "../../jail/fd-socket.ts";

/** The longest message of the browser; a screenshot of a long page has some megabytes. */
const MAX_MESSAGE_BYTES = 32 * 1_024 * 1_024;
const MAX_PENDING = 64;
const END_OF_MESSAGE = 0;

/** What the browser tells by itself. */
export interface BrowserEvent {
  method: string;
  params: Record<string, unknown>;
  sessionId: string | undefined;
}

interface PipeOptions {
  clock: Clock;
  /** Descriptor that the browser reads from, and the one it writes to. */
  toBrowserFd: number;
  fromBrowserFd: number;
  onEvent: (event: BrowserEvent) => void;
  onClose: () => void;
}

type Answer = Record<string, unknown>;

/** The DevTools protocol over two pipes (`--remote-debugging-pipe`): JSON messages, each ended by a zero byte. */
export class DevtoolsPipe {
  readonly #clock: Clock;
  readonly #onEvent: (event: BrowserEvent) => void;
  readonly #onClose: () => void;
  readonly #pending = new Map<
    number,
    { resolve: (answer: Answer) => void; reject: (error: AppError) => void }
  >();
  readonly #received: Uint8Array[] = [];
  #receivedBytes = 0;
  readonly #output: FdSocket;
  readonly #input: FdSocket;
  #lastId = 0;
  #isClosed = false;

  /** Takes both descriptors over. */
  constructor({ clock, toBrowserFd, fromBrowserFd, onEvent, onClose }: PipeOptions) {
    this.#clock = clock;
    this.#onEvent = onEvent;
    this.#onClose = onClose;
    this.#output = FdSocket.over(toBrowserFd);
    this.#input = FdSocket.over(fromBrowserFd);
    this.#input.onData((bytes) => this.#receive(bytes));
    for (const end of [this.#output, this.#input]) end.onClose(() => this.close());
  }

  /**
   * Sends a command and gives its result.
   * @throws AppError `timed_out`, `cancelled` when the browser went away, `invalid_request` with the browser's own words
   */
  async send(
    method: string,
    params: object,
    sessionId: string | undefined,
    timeoutMs: number,
  ): Promise<Answer> {
    if (this.#isClosed) throw gone();
    if (this.#pending.size >= MAX_PENDING) {
      throw new AppError("overloaded", `${MAX_PENDING} commands to the browser are under way already.`);
    }
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#pending.set(id, { resolve, reject });
    const message = JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) });
    this.#output.write(Buffer.from(`${message}\0`));
    try {
      return await within(this.#clock, timeoutMs, promise, () => {
        return new AppError("timed_out", `The browser did not answer ${method} within ${timeoutMs} ms.`);
      });
    } finally {
      this.#pending.delete(id);
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const { reject } of this.#pending.values()) reject(gone());
    this.#pending.clear();
    this.#output.close();
    this.#input.close();
    this.#onClose();
  }

  #receive(bytes: Uint8Array): void {
    let rest = bytes;
    for (let end = rest.indexOf(END_OF_MESSAGE); end >= 0; end = rest.indexOf(END_OF_MESSAGE)) {
      this.#received.push(rest.slice(0, end));
      const text = Buffer.concat(this.#received).toString("utf8");
      this.#received.length = 0;
      this.#receivedBytes = 0;
      this.#take(text);
      rest = rest.subarray(end + 1);
    }
    this.#receivedBytes += rest.length;
    if (rest.length > 0) this.#received.push(rest.slice());
    if (this.#receivedBytes > MAX_MESSAGE_BYTES) this.close();
  }

  /** A page can take its browser over: what arrives is read as a stranger's. */
  #take(text: string): void {
    const message = parseObject(text);
    if (!message) {
      this.close();
      return;
    }
    const { id, method, params, sessionId, result, error } = message;
    if (typeof id !== "number") {
      if (typeof method !== "string") return;
      const session = typeof sessionId === "string" ? sessionId : undefined;
      this.#onEvent({ method, params: isObject(params) ? params : {}, sessionId: session });
      return;
    }
    const waiting = this.#pending.get(id);
    if (isObject(error))
      waiting?.reject(new AppError("invalid_request", `The browser says: ${String(error.message)}`));
    else waiting?.resolve(isObject(result) ? result : {});
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const gone = (): AppError => new AppError("cancelled", "The browser has ended.");
