import { join } from "node:path";

export interface OpenLoopRequest {
  url: string;
  headers: Readonly<Record<string, string>>;
  perSecond: number;
  durationMs: number;
}

/** How long requests took from the moment they were due, and how many were not answered with 200. */
export interface OpenLoopTimes {
  p50Ms: number;
  p99Ms: number;
  requests: number;
  failed: number;
}

/**
 * Requests at a fixed rate, whatever the answers: one that is late does not hold up the next. A time counts from the moment
 * the request was due, so that a server (or this process) that stands still is not measured by fewer requests.
 * @see Schroeder, Wierman, Harchol-Balter: Open Versus Closed (NSDI 2006)
 */
export class OpenLoop {
  readonly #request: OpenLoopRequest;

  constructor(request: OpenLoopRequest) {
    this.#request = request;
  }

  async run(): Promise<OpenLoopTimes> {
    const { perSecond, durationMs } = this.#request;
    const intervalMs = 1_000 / perSecond;
    const total = Math.round(durationMs / intervalMs);
    const startedMs = performance.now();
    const under: Promise<number | undefined>[] = [];
    while (under.length < total) {
      const dueMs = startedMs + under.length * intervalMs;
      const waitMs = dueMs - performance.now();
      if (waitMs > 0) await Bun.sleep(waitMs);
      else under.push(this.#one(dueMs));
    }
    const took = (await Promise.all(under)).filter((time) => time !== undefined).toSorted((a, b) => a - b);
    const at = (share: number): number => took[Math.floor(took.length * share)] ?? Number.NaN;
    return { p50Ms: at(0.5), p99Ms: at(0.99), requests: total, failed: total - took.length };
  }

  async #one(dueMs: number): Promise<number | undefined> {
    try {
      const response = await fetch(this.#request.url, { headers: this.#request.headers });
      await response.bytes();
      return response.ok ? performance.now() - dueMs : undefined;
    } catch {
      return undefined; // counted as failed
    }
  }
}

/** The same in a process of its own, so that what the benchmark does beside it costs it nothing. */
export class OpenLoopProcess implements AsyncDisposable {
  readonly #process: Bun.Subprocess;
  #answered: (answer: unknown) => void = () => undefined;

  private constructor() {
    this.#process = Bun.spawn([process.execPath, join(import.meta.dirname, "open-loop-process.ts")], {
      stdio: ["ignore", "inherit", "inherit"],
      ipc: (answer) => this.#answered(answer),
    });
  }

  static async start(): Promise<OpenLoopProcess> {
    const loop = new OpenLoopProcess();
    await loop.#next();
    return loop;
  }

  async run(request: OpenLoopRequest): Promise<OpenLoopTimes> {
    const answer = this.#next();
    this.#process.send(request);
    return (await answer) as OpenLoopTimes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.exited;
  }

  #next(): Promise<unknown> {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#answered = resolve;
    return promise;
  }
}
