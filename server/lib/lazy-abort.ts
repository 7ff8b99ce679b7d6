/**
 * A reason to stop, and a signal of it that is made when somebody asks for it: most work ends before anybody does, and making
 * one costs more than a small call.
 */
export class LazyAbort<Reason = unknown> {
  #controller: AbortController | undefined;
  #reason: Reason | undefined;
  #told: ((reason: Reason) => void) | undefined;

  /** Why to stop, once there is a reason. */
  get reason(): Reason | undefined {
    return this.#reason;
  }

  /** Aborted with {@link reason}. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  /** @param told called once, with the reason; at once when there is one. There is one listener, the last. */
  onAbort(told: (reason: Reason) => void): void {
    if (this.#reason === undefined) this.#told = told;
    else told(this.#reason);
  }

  /** Only the first reason counts. */
  abort(reason: Reason): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
    this.#told?.(reason);
  }
}
