import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { LiveMetrics } from "../../data/live.ts";

/** How often what is shown is asked for again, while the dashboard is connected and seen. */
const REFRESH_MS = 15_000;

/** Has its host ask again now and then. */
export class Refresh implements ReactiveController {
  readonly #live: () => LiveMetrics | undefined;
  readonly #reload: () => void;
  #refreshedAt = Date.now();
  #stop: () => void = () => {};

  constructor(host: ReactiveControllerHost, live: () => LiveMetrics | undefined, reload: () => void) {
    this.#live = live;
    this.#reload = reload;
    host.addController(this);
  }

  hostConnected(): void {
    this.#stop = this.#live()?.sample.subscribe(() => this.#tick()) ?? (() => {});
  }

  hostDisconnected(): void {
    this.#stop();
  }

  #tick(): void {
    if (Date.now() - this.#refreshedAt < REFRESH_MS || document.hidden) return;
    this.#refreshedAt = Date.now();
    this.#reload();
  }
}
