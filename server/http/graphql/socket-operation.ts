import type { Probe } from "../../lib/probe.ts";
import { logContext } from "../../logs/logger.ts";
import type { Exchange } from "../exchange.ts";
import { observeSocketOperation } from "../observe-exchange.ts";

/**
 * One operation asked over a socket: told to the profiler as over HTTP, where the pipeline does that. Its events, when it
 * is a subscription, are not.
 */
export class SocketOperation {
  /** What is known of this operation alone. */
  readonly exchange: Exchange;
  readonly #probe: Probe;
  readonly #startedMs = performance.now();

  /** @param opening the request that opened the socket */
  constructor(probe: Probe, opening: Exchange) {
    this.#probe = probe;
    this.exchange = opening.again(probe.tracer?.begin(undefined));
  }

  /** Runs it, and tells how that went. @throws whatever `work` throws */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const { correlationId, traceId, trace } = this.exchange;
    const context = traceId === undefined ? { correlationId } : { correlationId, traceId };
    try {
      return await logContext.run(context, () => (trace ? trace.run(work) : work()));
    } finally {
      this.end();
    }
  }

  /** Tells of one that was refused, by `exchange.error`, before it ran. */
  end(): void {
    observeSocketOperation(this.#probe, this.exchange, performance.now() - this.#startedMs);
  }
}
