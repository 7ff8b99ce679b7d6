import type { OperationKind } from "../../schema/rules/operations.ts";

/** What is known of an operation beside how long it took. */
export interface OperationContext {
  readonly correlationId?: string | undefined;
  /** W3C trace id, 32 hexadecimal digits. */
  readonly traceId?: string | undefined;
  readonly principal?: string | undefined;
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
}

/** Takes what was timed: must be quick and must not throw. */
export interface Observer {
  /** @param describe is only called when the operation is kept with its context. */
  record(
    kind: OperationKind,
    name: string,
    durationMs: number,
    hasFailed: boolean,
    describe?: () => OperationContext,
  ): void;
}

/**
 * Where every layer tells what it timed. Nobody listens while the profiler is off, and then nothing is measured either:
 * `probe.observer?.record(…)`.
 */
export class Probe {
  observer: Observer | undefined;

  /** Runs `work` and tells how long it took; just runs it when nobody listens. @throws whatever `work` throws */
  async time<T>(kind: OperationKind, name: string, work: () => Promise<T>): Promise<T> {
    if (!this.observer) return work();
    const startedMs = performance.now();
    let hasFailed = true;
    try {
      const result = await work();
      hasFailed = false;
      return result;
    } finally {
      this.observer?.record(kind, name, performance.now() - startedMs, hasFailed);
    }
  }
}
