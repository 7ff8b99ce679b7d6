import { type AppError, toAppError } from "../errors/app-error.ts";
import type { ErrorCode } from "../errors/catalogue.ts";
import type { FailureReport } from "../errors/failure.ts";

/** Work that may be recovered; what it offers decides which strategies can help. */
export interface Operation<T> {
  /** What it is, for the error centre: `timer metrics.maintain`. */
  where: string;
  work: () => Promise<T>;
  correlationId?: string;
  /** Doing it twice does no harm. */
  isRepeatable?: boolean;
  /** It rests when it fails too often; all operations of one name rest together. */
  circuit?: string;
  /** What serves in its place. */
  fallBack?: (error: AppError) => T | Promise<T>;
  /** Brings what it works with back to a fresh start. */
  restart?: () => Promise<void>;
  /** Somebody is told when nothing helps. */
  isVital?: boolean;
}

/** What became of an attempt: a value in place of the failure, or the failure goes on though the strategy did its part. */
export type Attempt<T> = { value: T } | "done";

/** One way to deal with failures of certain kinds. */
export interface RecoveryStrategy {
  /** Unique: it is counted by it. */
  readonly name: string;
  /** What it does and when, in a sentence. */
  readonly description: string;
  appliesTo(error: AppError, operation: Operation<unknown>): boolean;
  /** @throws what still goes wrong */
  attempt<T>(operation: Operation<T>, error: AppError): Promise<Attempt<T>>;
  /** Stands around the work itself, before it has failed. */
  surround?<T>(operation: Operation<T>): Operation<T>;
}

interface RecoveryParts {
  report: FailureReport;
  /** Counts an attempt of a strategy. */
  count: (strategy: string, code: ErrorCode, hasSucceeded: boolean) => void;
}

/** The registered strategies, tried in the order of registration. */
export class Recovery {
  readonly #parts: RecoveryParts;
  readonly #strategies: RecoveryStrategy[] = [];

  constructor(parts: RecoveryParts) {
    this.#parts = parts;
  }

  get strategies(): readonly RecoveryStrategy[] {
    return this.#strategies;
  }

  /** @throws RangeError when the name is taken. */
  register(strategy: RecoveryStrategy): void {
    if (this.#strategies.some(({ name }) => name === strategy.name)) {
      throw new RangeError(`There is a recovery strategy ${strategy.name} already.`);
    }
    this.#strategies.push(strategy);
  }

  /**
   * Does the work; when it fails, whatever strategy applies is tried until one gives a value.
   * @throws AppError what nothing helped against; it is in the error centre then.
   */
  async run<T>(operation: Operation<T>): Promise<T> {
    const surrounded = this.#surrounded(operation);
    try {
      return await surrounded.work();
    } catch (thrown) {
      return this.#recover(surrounded, toAppError(thrown));
    }
  }

  /**
   * Does the work under its circuit and nothing else, for whoever deals with a failure by themselves.
   * @throws AppError `circuit_open` while it rests; what the work throws
   */
  async throughCircuit<T>(circuit: string, work: () => Promise<T>): Promise<T> {
    return this.#surrounded({ where: circuit, circuit, work }).work();
  }

  #surrounded<T>(operation: Operation<T>): Operation<T> {
    return this.#strategies.reduce((inner, strategy) => strategy.surround?.(inner) ?? inner, operation);
  }

  async #recover<T>(operation: Operation<T>, first: AppError): Promise<T> {
    let error = first;
    for (const strategy of this.#strategies) {
      if (!strategy.appliesTo(error, operation)) continue;
      const { code } = error;
      try {
        const attempt = await strategy.attempt(operation, error);
        this.#parts.count(strategy.name, code, true);
        if (attempt !== "done") return attempt.value;
      } catch (thrown) {
        this.#parts.count(strategy.name, code, false);
        error = toAppError(thrown);
      }
    }
    const { where, correlationId, isVital = false } = operation;
    this.#parts.report(error, { where, isUrgent: isVital, ...(correlationId ? { correlationId } : {}) });
    throw error;
  }
}
