import { Observable } from "./observable.ts";

/** Counts how often lines should be looked at anew: the browser came back to its network or to this page, or somebody asked. */
export class Waking {
  readonly count = new Observable(0);

  wake(): void {
    this.count.set(this.count.value + 1);
  }

  /** Listens to the browser for as long as the page lives. */
  listen(): void {
    addEventListener("online", () => this.wake());
    addEventListener("pageshow", (event) => {
      if (event instanceof PageTransitionEvent && event.persisted) this.wake();
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.wake();
    });
  }
}
