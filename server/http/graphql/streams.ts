import { AppError } from "../../errors/app-error.ts";
import { credentialOf, type Principal } from "../../security/principal.ts";

/** Event streams that one session or token may hold open. */
const MAX_STREAMS_OF_ONE = 20;

interface OpenStream {
  principal: Principal;
  stop: AbortController;
}

/** The event streams that are open, so that they end with the session or token behind them and with the server. */
export class OpenStreams {
  readonly #streams = new Map<string, Set<OpenStream>>();

  /**
   * Passes `source` on until it ends, its reader leaves, or the credential is revoked.
   * @throws AppError `rate_limited` when the caller holds too many already.
   */
  attach<T>(principal: Principal, source: AsyncIterable<T>): AsyncGenerator<T> {
    const key = credentialOf(principal);
    const streams = this.#streams.get(key) ?? new Set<OpenStream>();
    if (streams.size >= MAX_STREAMS_OF_ONE) {
      throw new AppError("rate_limited", `At most ${MAX_STREAMS_OF_ONE} event streams at once.`);
    }
    const stream: OpenStream = { principal, stop: new AbortController() };
    this.#streams.set(key, streams.add(stream));
    return until(stream.stop.signal, source, () => {
      streams.delete(stream);
      if (streams.size === 0) this.#streams.delete(key);
    });
  }

  /** Ends the streams of every principal that `isValid` no longer vouches for. */
  async recheck(isValid: (principal: Principal) => boolean | Promise<boolean>): Promise<void> {
    for (const streams of [...this.#streams.values()]) {
      const [first] = streams;
      if (first && !(await isValid(first.principal))) stopAll(streams);
    }
  }

  closeAll(): void {
    for (const streams of [...this.#streams.values()]) stopAll(streams);
  }
}

function stopAll(streams: ReadonlySet<OpenStream>): void {
  for (const stream of [...streams]) stream.stop.abort();
}

async function* until<T>(
  signal: AbortSignal,
  source: AsyncIterable<T>,
  onEnd: () => void,
): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  const stopped = new Promise<IteratorReturnResult<undefined>>((resolve) => {
    signal.addEventListener("abort", () => resolve({ done: true, value: undefined }), { once: true });
  });
  try {
    for (;;) {
      const step = await Promise.race([iterator.next(), stopped]);
      if (step.done) return;
      yield step.value;
    }
  } finally {
    onEnd();
    // Not awaited: a source that is waiting for its next value would hold this open until it comes.
    iterator.return?.().catch(() => undefined);
  }
}
