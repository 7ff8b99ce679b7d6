import { AppError } from "../../errors/app-error.ts";

interface Waiting {
  enter: () => void;
  refuse: (error: AppError) => void;
}

/** Calls of one plugin that may wait for their turn; beyond it the caller is told at once. */
const MAX_WAITING = 1_000;

/**
 * Lets at most `limit` calls of a plugin run at once; the rest wait in order, as long as their caller does. The limit
 * holds over a reload: the calls of the old and of the new process count together.
 */
export class CallGate {
  readonly #waiting = new Set<Waiting>();
  #underWay = 0;
  #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get underWay(): number {
    return this.#underWay;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** A new build may allow another number. */
  set limit(limit: number) {
    this.#limit = limit;
    this.#letIn();
  }

  /** Runs `call` when it is its turn. @throws AppError `plugin_busy`, `cancelled`, and what `call` throws */
  async run<T>(
    call: () => Promise<T>,
    patience?: AbortSignal | { readonly signal: AbortSignal },
  ): Promise<T> {
    if (this.#underWay < this.#limit) this.#underWay++;
    else await this.#turn(patience instanceof AbortSignal ? patience : patience?.signal);
    try {
      return await call();
    } finally {
      this.#underWay--;
      this.#letIn();
    }
  }

  /** Refuses everybody who waits. */
  refuseWaiting(error: AppError): void {
    for (const { refuse } of this.#waiting) refuse(error);
  }

  #letIn(): void {
    for (const next of this.#waiting) {
      if (this.#underWay >= this.#limit) return;
      this.#underWay++;
      next.enter();
    }
  }

  async #turn(signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) throw new AppError("cancelled");
    if (this.#waiting.size >= MAX_WAITING) {
      throw new AppError("plugin_busy", `${MAX_WAITING} calls wait for this plugin already.`);
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = (): void => {
      this.#waiting.delete(place);
      signal?.removeEventListener("abort", giveUp);
    };
    const giveUp = (): void => place.refuse(new AppError("cancelled"));
    const place: Waiting = {
      enter: () => {
        leave();
        resolve();
      },
      refuse: (error) => {
        leave();
        reject(error);
      },
    };
    this.#waiting.add(place);
    signal?.addEventListener("abort", giveUp, { once: true });
    return promise;
  }
}
