import type { ReactiveController, ReactiveControllerHost } from "lit";
import { isAborted } from "../data/api.ts";
import { type ApiProblem, asProblem } from "../data/problem.ts";
import { BROWSER_CLOCK } from "../lib/clock.ts";
import { Retry } from "../lib/retry.ts";

export type LoadState<T> =
  | { kind: "loading" }
  | { kind: "failed"; problem: ApiProblem }
  | { kind: "ready"; value: T };

/**
 * Loads something for its host and keeps the outcome to draw. A reload keeps the old value on the page;
 * an answer that arrives after a newer question is dropped. Where no answer came at all, it
 * asks again by itself for as long as its host is on the page.
 */
export class Load<T> implements ReactiveController {
  state: LoadState<T> = { kind: "loading" };
  readonly #host: ReactiveControllerHost;
  readonly #task: () => Promise<T>;
  #turn = 0;
  readonly #retry = new Retry(BROWSER_CLOCK.after);

  constructor(host: ReactiveControllerHost, task: () => Promise<T>) {
    this.#host = host;
    this.#task = task;
    host.addController(this);
  }

  get value(): T | undefined {
    return this.state.kind === "ready" ? this.state.value : undefined;
  }

  hostDisconnected(): void {
    this.#turn += 1;
    this.#retry.cancel();
  }

  /** Runs the task; never throws, the outcome is the state. */
  async run(): Promise<void> {
    if (this.state.kind === "failed") this.#become({ kind: "loading" });
    await this.#ask();
  }

  async #ask(): Promise<void> {
    this.#retry.cancel();
    this.#turn += 1;
    const turn = this.#turn;
    try {
      const value = await this.#task();
      if (turn === this.#turn) this.#become({ kind: "ready", value });
    } catch (error) {
      if (turn !== this.#turn || isAborted(error)) return;
      const problem = asProblem(error);
      this.#become({ kind: "failed", problem });
      if (problem.isUnanswered) this.#retry.later(() => void this.#ask());
    }
  }

  #become(state: LoadState<T>): void {
    this.state = state;
    this.#host.requestUpdate();
  }
}
