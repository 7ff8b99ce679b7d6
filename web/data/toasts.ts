import type { Clock } from "../lib/clock.ts";
import { Observable } from "../lib/observable.ts";
import { asProblem } from "./problem.ts";

const SHOWN_MS = 6000;
const AT_ONCE = 4;

export interface Toast {
  id: number;
  text: string;
  level: "calm" | "alarm" | "info";
  action?: { label: string; run(): void };
}

/** Short messages about what just happened. Those with an action stay until dismissed. */
export class Toasts {
  readonly shown = new Observable<readonly Toast[]>([]);
  readonly #clock: Clock;
  #nextId = 1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  say(text: string, level: Toast["level"] = "calm", action?: Toast["action"]): void {
    const id = this.#nextId;
    this.#nextId += 1;
    const toast: Toast = action === undefined ? { id, text, level } : { id, text, level, action };
    this.shown.set([...this.shown.value, toast].slice(-AT_ONCE));
    if (action === undefined) this.#clock.after(SHOWN_MS, () => this.dismiss(id));
  }

  /** Says why something failed, with its correlation id. */
  sayFailure(error: unknown): void {
    const problem = asProblem(error);
    const reference = problem.correlationId === undefined ? "" : ` (${problem.correlationId})`;
    this.say(`${problem.title}. ${problem.detail}${reference}`, "alarm");
  }

  dismiss(id: number): void {
    this.shown.set(this.shown.value.filter((toast) => toast.id !== id));
  }
}
