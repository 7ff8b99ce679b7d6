import { Observable } from "../lib/observable.ts";
import type { GraphFeed } from "./graph-feed.ts";
import type { LiveMetrics } from "./live.ts";
import type { Plugins } from "./plugins.ts";
import type { Plugin, Sandbox } from "./plugins-types.ts";
import { type ApiProblem, asProblem } from "./problem.ts";
import type { Session } from "./session.ts";

/** How often the figures of all plugins are asked for while the dashboard is connected; changes are told at once. */
const REFRESH_MS = 15_000;
/** Changes that come together are asked for together. */
const GATHER_MS = 150;

const CHANGES = { query: "subscription { pluginChanged { id } }", variables: {} };

interface WatchParts {
  plugins: Pick<Plugins, "list" | "sandbox">;
  session: Pick<Session, "can" | "state">;
  live: Pick<LiveMetrics, "sample" | "now">;
  changes: Pick<GraphFeed<unknown>, "follow" | "stop">;
  after(delayMs: number, run: () => void): unknown;
}

/** All plugins as they are now, for whoever may see them. */
export class PluginWatch {
  /** Undefined until they are known. */
  readonly plugins = new Observable<readonly Plugin[] | undefined>(undefined);
  readonly sandbox = new Observable<Sandbox | undefined>(undefined);
  /** Why they are not known; the last known ones stay. */
  readonly problem = new Observable<ApiProblem | undefined>(undefined);
  /** Counts the changes that were told: who shows one plugin looks again. */
  readonly changed = new Observable(0);
  readonly #parts: WatchParts;
  #askedAt = Number.NEGATIVE_INFINITY;
  #isFollowing = false;
  #isGathering = false;
  /** The server has no plugins at all: the feature is switched off until it starts anew. */
  #isOff = false;

  constructor(parts: WatchParts) {
    this.#parts = parts;
    parts.live.sample.subscribe(() => this.#lookInTime());
    parts.session.state.subscribe(() => this.#settle());
  }

  /** Asks now. Never throws: the outcome is kept. */
  async look(): Promise<void> {
    const { plugins, live } = this.#parts;
    this.#askedAt = live.now();
    try {
      const [items, sandbox] = await Promise.all([plugins.list(), plugins.sandbox()]);
      this.plugins.set(items);
      this.sandbox.set(sandbox);
      this.problem.set(undefined);
    } catch (error) {
      const problem = asProblem(error);
      this.#isOff = problem.status === 404;
      this.problem.set(problem);
    }
  }

  #lookInTime(): void {
    const { session, live } = this.#parts;
    if (!this.#isOff && session.can("plugins:read") && live.now() - this.#askedAt >= REFRESH_MS)
      void this.look();
  }

  #settle(): void {
    const canRead = this.#parts.session.can("plugins:read");
    if (canRead === this.#isFollowing) return;
    this.#isFollowing = canRead;
    if (canRead) {
      // Asked for with each connection made: what changed while there was none is in the answer.
      this.#parts.changes.follow(
        CHANGES,
        () => this.#hear(),
        () => this.#hear(),
      );
      void this.look();
      return;
    }
    this.#parts.changes.stop();
    this.plugins.set(undefined);
    this.sandbox.set(undefined);
  }

  #hear(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    this.#parts.after(GATHER_MS, () => {
      this.#isGathering = false;
      this.changed.set(this.changed.value + 1);
      void this.look();
    });
  }
}
