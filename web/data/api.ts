import { BROWSER_CLOCK } from "../lib/clock.ts";
import { ApiProblem, problemFromResponse } from "./problem.ts";

const DEFAULT_TIMEOUT_MS = 15_000;
const CSRF_HEADER = "x-binnacle-csrf";

export type QueryValue = string | number | undefined | readonly string[];

export interface RequestOptions {
  query?: Record<string, QueryValue>;
  /** A file goes as it is, anything else as JSON. */
  body?: unknown;
  signal?: AbortSignal;
  timeoutMs?: number;
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Prints a query string; lists repeat their name, absent values are left out. */
export function printQuery(query: Record<string, QueryValue>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    if (typeof value === "string" || typeof value === "number") params.append(name, String(value));
    else for (const entry of value) params.append(name, entry);
  }
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

/** The REST client: every request carries the same-site proof and a timeout, every failure is an ApiProblem. */
export class Api {
  /** Called when the server says that nobody is signed in any more. */
  onSignedOut: () => void = () => {};
  readonly #fetch: Fetch;

  constructor(fetch: Fetch = (url, init) => globalThis.fetch(url, init)) {
    this.#fetch = fetch;
  }

  get<Answer>(path: string, options?: RequestOptions): Promise<Answer> {
    return this.request("GET", path, options);
  }

  post<Answer>(path: string, body: unknown, options?: RequestOptions): Promise<Answer> {
    return this.request("POST", path, { ...options, body });
  }

  patch<Answer>(path: string, body: unknown): Promise<Answer> {
    return this.request("PATCH", path, { body });
  }

  put<Answer>(path: string, body: unknown): Promise<Answer> {
    return this.request("PUT", path, { body });
  }

  delete(path: string): Promise<void> {
    return this.request("DELETE", path);
  }

  /**
   * Sends one request and returns its parsed answer (undefined for 204).
   * @throws ApiProblem for every failure, also timeouts and lost connections (status 0).
   */
  async request<Answer>(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const late = new AbortController();
    const headers: Record<string, string> = { accept: "application/json", [CSRF_HEADER]: "1" };
    const init: RequestInit = {
      method,
      headers,
      credentials: "same-origin",
      signal: options.signal ? AbortSignal.any([options.signal, late.signal]) : late.signal,
    };
    if (options.body instanceof Blob) {
      headers["content-type"] = options.body.type || "application/octet-stream";
      init.body = options.body;
    } else if (options.body !== undefined) {
      headers["content-type"] = "application/json";
      init.body = JSON.stringify(options.body);
    }
    const url = path + printQuery(options.query ?? {});
    const { response, body } = await this.#exchange(url, init, late, timeoutMs);
    if (!response.ok) {
      if (response.status === 401 && !path.endsWith("/session")) this.onSignedOut();
      throw problemFromResponse(response, body);
    }
    const answer: Answer = response.status === 204 ? undefined : JSON.parse(body);
    return answer;
  }

  /** The whole answer: a line may go silent between the head and the end of a body as well. */
  async #exchange(
    url: string,
    init: RequestInit,
    late: AbortController,
    timeoutMs: number,
  ): Promise<{ response: Response; body: string }> {
    const cancelLimit = BROWSER_CLOCK.after(timeoutMs, () => late.abort());
    try {
      const response = await this.#fetch(url, init);
      return { response, body: await response.text() };
    } catch (error) {
      if (init.signal?.aborted && !late.signal.aborted) throw error;
      throw late.signal.aborted
        ? new ApiProblem({
            code: "request_timeout",
            status: 0,
            title: "The server took too long",
            detail: `No answer came within ${timeoutMs / 1000} s. It may be busy; try again in a moment.`,
          })
        : new ApiProblem({
            code: "connection_lost",
            status: 0,
            title: "The server cannot be reached",
            detail: "Check that Binnacle is running and that the network path to it is open, then try again.",
          });
    } finally {
      cancelLimit();
    }
  }
}

/** True when a request was given up by the page itself, which nobody needs to be told. */
export function isAborted(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
