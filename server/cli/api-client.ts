import { AppError, errorCodeOf } from "../errors/app-error.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import { LiveMessages, type SocketOpener } from "./live-socket.ts";

const ANSWER_TIMEOUT_MS = 30_000;
const PAGE_SIZE = 100;
/** A listing longer than this is a fault of the server, not a reason to go on: 100,000 items. */
const MAX_PAGES = 1_000;
const UNREACHABLE = new Set([
  "ENOENT",
  "ECONNREFUSED",
  "ConnectionRefused",
  "FailedToOpenSocket",
  "ENOTSOCK",
]);

/** One way to Binnacle: takes a path of the API and answers as the server does. */
export type Transport = (path: string, init: RequestInit) => Promise<Response>;

interface Problem {
  title?: string;
  detail?: string;
  correlationId?: string;
  errors?: { path: string; message: string }[];
}

/** The REST API as a command sees it: JSON in, JSON out, a refusal as an error of one line. */
export class ApiClient {
  readonly #send: Transport;
  readonly #close: () => Promise<void>;
  readonly #clock: Clock;
  readonly #openSocket: SocketOpener | undefined;
  /** What a person reads as the other end. */
  readonly target: string;

  constructor(
    target: string,
    send: Transport,
    close: () => Promise<void> = async () => {},
    clock: Clock = systemClock,
    openSocket?: SocketOpener,
  ) {
    this.#clock = clock;
    this.#openSocket = openSocket;
    this.target = target;
    this.#send = send;
    this.#close = close;
  }

  get<T>(path: string): Promise<T> {
    return this.#json<T>(path, { method: "GET" });
  }

  /** Sends `body` as JSON; an answer without content is undefined. */
  send<T = undefined>(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<T> {
    const json = { "content-type": "application/json" };
    return this.#json<T>(path, {
      method,
      ...(body === undefined ? {} : { headers: json, body: JSON.stringify(body) }),
    });
  }

  /** Sends bytes as they are. */
  upload<T>(path: string, bytes: Uint8Array): Promise<T> {
    const headers = { "content-type": "application/octet-stream" };
    return this.#json<T>(path, { method: "POST", headers, body: new Blob([new Uint8Array(bytes)]) });
  }

  /** The items of a paged list, one page after another. @throws AppError `internal` when it does not end */
  async *list<T>(path: string): AsyncGenerator<T> {
    let cursor: string | null = null;
    for (let page = 0; page < MAX_PAGES; page++) {
      const query = new URLSearchParams({ limit: String(PAGE_SIZE), ...(cursor ? { cursor } : {}) });
      const answer: { items: T[]; nextCursor: string | null } = await this.get(
        `${path}${path.includes("?") ? "&" : "?"}${query}`,
      );
      yield* answer.items;
      cursor = answer.nextCursor;
      if (!cursor) return;
    }
    throw new AppError("internal", `The list ${path} does not end after ${MAX_PAGES * PAGE_SIZE} items.`);
  }

  /** The body of an answer as it comes; for exports of any length. Only its beginning has a time limit. */
  async stream(path: string): Promise<ReadableStream<Uint8Array>> {
    const beginning = new AbortController();
    const timer = this.#clock.after(ANSWER_TIMEOUT_MS, () => beginning.abort(late()));
    let response: Response;
    try {
      response = await this.#send(path, { method: "GET", signal: beginning.signal });
    } finally {
      timer.cancel();
    }
    if (!response.ok) throw await refusal(response);
    return response.body ?? new Blob([]).stream();
  }

  /** Messages of a socket as they come. @throws AppError `server_unreachable`, also where no server runs */
  live<T>(path: string): Promise<LiveMessages<T>> {
    if (!this.#openSocket) throw new AppError("server_unreachable", "Only a running server has live lines.");
    return LiveMessages.open<T>(this.#openSocket(path), this.#clock);
  }

  /** Gives back what the way to the server holds (the data folder of a stopped server). */
  close(): Promise<void> {
    return this.#close();
  }

  async #json<T>(path: string, init: RequestInit): Promise<T> {
    const response = await this.#send(path, { ...init, signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
    if (!response.ok) throw await refusal(response);
    if (response.status === 204) return undefined as T;
    return (await response.json()) as T;
  }
}

/** A server refused: its own words, on one line. */
export class ApiRefusal extends Error {
  override readonly name = "ApiRefusal";
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

/** As `AbortSignal.timeout` says it. */
const late = (): DOMException => new DOMException("The answer did not begin in time.", "TimeoutError");

/** Whether `thrown` says that nobody listens at the other end. */
const isUnreachable = (thrown: unknown): boolean => UNREACHABLE.has(errorCodeOf(thrown));

/** Speaks HTTP to a listening server. @throws AppError `server_unreachable` or `timed_out` */
export function networkTransport(
  base: string,
  target: string,
  options: { unix?: string; token?: string },
): Transport {
  return async (path, init) => {
    const headers = new Headers(init.headers);
    if (options.token) headers.set("authorization", `Bearer ${options.token}`);
    const { unix } = options;
    try {
      return await fetch(`${base}${path}`, {
        ...init,
        headers,
        redirect: "error",
        ...(unix ? { unix } : {}),
      });
    } catch (error) {
      if (error instanceof DOMException && error.name === "TimeoutError") {
        throw new AppError("timed_out", `${target} did not answer within ${ANSWER_TIMEOUT_MS / 1000} s.`, {
          cause: error,
        });
      }
      const reason = isUnreachable(error) ? "nothing listens there" : String(error);
      throw new AppError("server_unreachable", `Cannot reach Binnacle at ${target}: ${reason}.`, {
        cause: error,
      });
    }
  };
}

async function refusal(response: Response): Promise<ApiRefusal> {
  const text = await response.text();
  const problem = parseProblem(text);
  if (!problem)
    return new ApiRefusal(`The server answered ${response.status} without a reason.`, response.status);
  const sentence = problem.detail ?? problem.title ?? `The server answered ${response.status}.`;
  const fields = (problem.errors ?? [])
    .filter(({ message }) => !sentence.includes(message))
    .map(({ path, message }) => `${path}: ${message}`)
    .join("; ");
  const hint =
    fields || (response.status >= 500 && problem.correlationId ? `log: ${problem.correlationId}` : "");
  return new ApiRefusal(hint ? `${sentence} (${hint})` : sentence, response.status);
}

function parseProblem(text: string): Problem | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Problem) : undefined;
  } catch {
    return undefined;
  }
}
