import { type Logger, logContext } from "../logs/logger.ts";
import { attachExchange, type Exchange } from "./exchange.ts";
import { answerProblem } from "./problem.ts";

export type MaybePromise<T> = T | Promise<T>;

/**
 * One step around every handler. Steps run by ascending priority, their `after` in the opposite order.
 * A step that throws ends the request with that error; one that returns an answer ends it with that.
 */
export interface Middleware {
  readonly name: string;
  /** See {@link PRIORITIES}. */
  readonly priority: number;
  before?(exchange: Exchange): MaybePromise<Response | undefined>;
  after?(exchange: Exchange, response: Response): MaybePromise<Response>;
}

/** Where the steps of the house stand. Those of plugins run once the caller is known and counted. */
export const PRIORITIES = {
  host: 100,
  https: 110,
  target: 150,
  size: 200,
  cors: 250,
  authentication: 300,
  anonymousViewer: 350,
  sameSite: 400,
  rateLimit: 500,
  refusal: 600,
  plugins: 700,
  redaction: 800,
  headers: 900,
} as const;

/** What is known of a request once it is answered; `exchange.error` holds what went wrong. */
export interface ExchangeEnd {
  readonly exchange: Exchange;
  readonly status: number;
  readonly durationMs: number;
}

interface PipelineOptions {
  middleware: readonly Middleware[];
  /** The router. It gives undefined when the connection was taken over (a WebSocket). */
  handler: (exchange: Exchange) => MaybePromise<Response | undefined>;
  log: Logger;
  /** Milliseconds that never step. */
  monotonicMs: () => number;
  /** Called once for every request (statistics, profiler, audit): must be quick and must not throw. */
  onEnd: (end: ExchangeEnd) => void;
}

const SWITCHING_PROTOCOLS = 101;

/** Runs each request through the steps, the handler and the steps back. */
export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #before: readonly NonNullable<Middleware["before"]>[];
  readonly #after: readonly NonNullable<Middleware["after"]>[];
  /** Names of the steps in running order. */
  readonly order: readonly string[];

  constructor(options: PipelineOptions) {
    this.#options = options;
    const sorted = options.middleware.toSorted((a, b) => a.priority - b.priority);
    this.order = sorted.map((step) => step.name);
    this.#before = sorted.flatMap((step) => (step.before ? [step.before.bind(step)] : []));
    this.#after = sorted.toReversed().flatMap((step) => (step.after ? [step.after.bind(step)] : []));
  }

  /** Answers; never rejects. Undefined when the connection was taken over. */
  handle(exchange: Exchange): Promise<Response | undefined> {
    attachExchange(exchange);
    const { correlationId, traceId, trace } = exchange;
    return logContext.run(traceId === undefined ? { correlationId } : { correlationId, traceId }, () =>
      trace ? trace.run(() => this.#run(exchange)) : this.#run(exchange),
    );
  }

  async #run(exchange: Exchange): Promise<Response | undefined> {
    let response: Response | undefined;
    try {
      response = await this.#enter(exchange);
      if (response) response = await this.#leave(exchange, response);
    } catch (thrown) {
      response = await this.#answerError(exchange, thrown);
    }
    this.#end(exchange, response?.status ?? SWITCHING_PROTOCOLS);
    return response;
  }

  async #enter(exchange: Exchange): Promise<Response | undefined> {
    for (const before of this.#before) {
      const outcome = before(exchange);
      const early = outcome instanceof Promise ? await outcome : outcome;
      if (early) return early;
    }
    return this.#options.handler(exchange);
  }

  async #leave(exchange: Exchange, response: Response): Promise<Response> {
    let current = response;
    for (const after of this.#after) {
      const changed = after(exchange, current);
      current = changed instanceof Promise ? await changed : changed;
    }
    return current;
  }

  /** The error's answer passes the steps too; when one of those is what fails, it goes out bare. */
  async #answerError(exchange: Exchange, thrown: unknown): Promise<Response> {
    try {
      return await this.#leave(exchange, answerProblem(exchange, thrown));
    } catch (second) {
      return answerProblem(exchange, second);
    }
  }

  #end(exchange: Exchange, status: number): void {
    const { log, monotonicMs, onEnd } = this.#options;
    const durationMs = monotonicMs() - exchange.startedAtMs;
    if (exchange.error?.kind === "internal") {
      const { method } = exchange.request;
      log.error("A request failed", { method, path: exchange.path, status, error: exchange.error });
    }
    onEnd({ exchange, status, durationMs });
  }
}
