import type { ReactiveController, ReactiveControllerHost } from "lit";
import { isAborted } from "../data/api.ts";
import { HEALED_EVENT } from "../data/connection.ts";
import { type ApiProblem, asProblem } from "../data/problem.ts";

export type LoadState<T> =
  | { kind: "loading" }
  | { kind: "failed"; problem: ApiProblem }
  | { kind: "ready"; value: T };

/**
 * Loads something for its host and keeps the outcome to draw. A reload keeps the old value on the page;
 * an answer that arrives after a newer question is dropped. What failed for want of a connection is asked again when there
 * is one.
 */
export class Load<T> implements ReactiveController {
  state: LoadState<T> = { kind: "loading" };
  readonly #host: ReactiveControllerHost;
  readonly #task: () => Promise<T>;
  #turn = 0;

  constructor(host: ReactiveControllerHost, task: () => Promise<T>) {
    this.#host = host;
    this.#task = task;
    host.addController(this);
  }

  get value(): T | undefined {
    return this.state.kind === "ready" ? this.state.value : undefined;
  }

  hostConnected(): void {
    addEventListener(HEALED_EVENT, this.#askAgain);
  }

  hostDisconnected(): void {
    removeEventListener(HEALED_EVENT, this.#askAgain);
    this.#turn += 1;
  }

  /** Runs the task; never throws, the outcome is the state. */
  async run(): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    if (this.state.kind === "failed") this.#become({ kind: "loading" });
    try {
      const value = await this.#task();
      if (turn === this.#turn) this.#become({ kind: "ready", value });
    } catch (error) {
      if (turn === this.#turn && !isAborted(error))
        this.#become({ kind: "failed", problem: asProblem(error) });
    }
  }

  readonly #askAgain = (): void => {
    if (this.state.kind === "failed" && this.state.problem.isUnanswered) void this.run();
  };

  #become(state: LoadState<T>): void {
    this.state = state;
    this.#host.requestUpdate();
  }
}
