import type { ReactiveController, ReactiveControllerHost } from "lit";
import { isAborted } from "../data/api.ts";
import { type ApiProblem, asProblem } from "../data/problem.ts";

/**
 * Something a press begins: one at a time, with its failure kept to draw. The presses that come while it runs are not taken.
 */
export class Action implements ReactiveController {
  isBusy = false;
  problem: ApiProblem | undefined;
  readonly #host: ReactiveControllerHost;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {}

  /** Forgets the failure. */
  clear(): void {
    this.problem = undefined;
    this.#host.requestUpdate();
  }

  /** Runs `work`; never throws. @returns whether it was done. */
  async run(work: () => Promise<void>): Promise<boolean> {
    if (this.isBusy) return false;
    this.isBusy = true;
    this.problem = undefined;
    this.#host.requestUpdate();
    try {
      await work();
      return true;
    } catch (error) {
      if (!isAborted(error)) this.problem = asProblem(error);
      return false;
    } finally {
      this.isBusy = false;
      this.#host.requestUpdate();
    }
  }
}
