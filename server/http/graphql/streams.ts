import { AppError } from "../../errors/app-error.ts";
import { credentialOf } from "../../security/principal.ts";
import type { Exchange } from "../exchange.ts";
import type { ConnectionHolder } from "../revocation.ts";

/** Event streams that one session or token may hold open. */
const MAX_STREAMS_OF_ONE = 20;

/** The event streams that are open, so that they end with the session or token behind them and with the server. */
export class OpenStreams implements ConnectionHolder {
  readonly #streams = new Map<string, Set<AbortController>>();
  onOpen: ConnectionHolder["onOpen"] = () => undefined;

  /**
   * Passes `source` on until it ends, its reader leaves, or the credential is revoked.
   * @throws AppError `rate_limited` when the caller holds too many already.
   */
  attach<T>(exchange: Exchange, source: AsyncIterable<T>): AsyncIterableIterator<T> {
    const key = credentialOf(exchange.principal);
    const streams = this.#streams.get(key) ?? new Set<AbortController>();
    if (streams.size >= MAX_STREAMS_OF_ONE) {
      throw new AppError("rate_limited", `At most ${MAX_STREAMS_OF_ONE} event streams at once.`);
    }
    const stream = new AbortController();
    this.#streams.set(key, streams.add(stream));
    this.onOpen(exchange);
    return endable(stream.signal, source, () => {
      streams.delete(stream);
      if (streams.size === 0) this.#streams.delete(key);
    });
  }

  has(credential: string): boolean {
    return this.#streams.has(credential);
  }

  end(credential: string): void {
    stopAll(this.#streams.get(credential) ?? new Set());
  }

  closeAll(): void {
    for (const streams of [...this.#streams.values()]) stopAll(streams);
  }
}

function stopAll(streams: ReadonlySet<AbortController>): void {
  for (const stream of [...streams]) stream.abort();
}

/** Passes `source` on. Whoever ends it, reader or server, is not kept waiting for the source's next value. */
function endable<T>(
  signal: AbortSignal,
  source: AsyncIterable<T>,
  onEnd: () => void,
): AsyncIterableIterator<T> {
  const iterator = source[Symbol.asyncIterator]();
  let hasEnded = false;
  let releaseWaiting = (): void => undefined;
  const end = (): void => {
    if (hasEnded) return;
    hasEnded = true;
    onEnd();
    releaseWaiting();
    // Not awaited: a source that is waiting for its next value would hold this open until it comes.
    iterator.return?.().catch(() => undefined);
  };
  signal.addEventListener("abort", end, { once: true });
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      if (hasEnded) return DONE;
      const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<T>>();
      releaseWaiting = () => resolve(DONE);
      iterator.next().then(resolve, reject);
      try {
        const step = await promise;
        if (step.done) end();
        return step;
      } catch (error) {
        end();
        throw error;
      }
    },
    async return() {
      end();
      return DONE;
    },
  };
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };
