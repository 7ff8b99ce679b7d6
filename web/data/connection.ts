import { Observable } from "../lib/observable.ts";
import type { FeedPhase } from "./graph-feed.ts";
import type { LiveState } from "./live.ts";

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
    this.isLost.set(
      phase === "lost" ||
        (phase === "connecting" && attempt > 0) ||
        changes.some(({ phase }) => phase.value === "lost"),
    );
  }
}
