import { Observable } from "../lib/observable.ts";
import type { FeedPhase } from "./graph-feed.ts";
import type { LiveState } from "./live.ts";

/** Fired at the window when what was lost is heard again: whoever failed for want of a connection asks anew. */
export const HEALED_EVENT = "connection-healed";

interface Lines {
  live: { readonly state: Observable<LiveState> };
  /** What tells of changes on every page. */
  changes: readonly { readonly phase: Observable<FeedPhase> }[];
  wake(): void;
}

/** Whether the server is heard on every line that the shell keeps open. */
export class Connection {
  readonly isLost = new Observable(false);
  readonly #lines: Lines;

  constructor(lines: Lines) {
    this.#lines = lines;
    lines.live.state.subscribe(() => this.#look());
    for (const { phase } of lines.changes) phase.subscribe(() => this.#look());
  }

  /** Skips the waiting: every lost line is dialled now. */
  retryNow(): void {
    this.#lines.wake();
  }

  #look(): void {
    const { live, changes } = this.#lines;
    const { phase, attempt } = live.state.value;
    const isLost =
      phase === "lost" ||
      (phase === "connecting" && attempt > 0) ||
      changes.some(({ phase }) => phase.value === "lost");
    const isHealed = this.isLost.value && !isLost;
    this.isLost.set(isLost);
    if (isHealed) dispatchEvent(new Event(HEALED_EVENT));
  }
}
