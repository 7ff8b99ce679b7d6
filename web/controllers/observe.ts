import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { Observable } from "../lib/observable.ts";

/** Redraws its host when an observable changes; stops listening when the host leaves the page. */
export class Observe<T> implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #source: () => Observable<T> | undefined;
  readonly #onChange: ((value: T) => void) | undefined;
  #observed: Observable<T> | undefined;
  #stop: () => void = () => {};

  constructor(
    host: ReactiveControllerHost,
    source: () => Observable<T> | undefined,
    onChange?: (value: T) => void,
  ) {
    this.#host = host;
    this.#source = source;
    this.#onChange = onChange;
    host.addController(this);
  }

  get value(): T | undefined {
    return this.#source()?.value;
  }

  hostConnected(): void {
    this.#follow();
  }

  hostUpdate(): void {
    this.#follow();
  }

  hostDisconnected(): void {
    this.#stop();
    this.#observed = undefined;
  }

  #follow(): void {
    const source = this.#source();
    if (source === this.#observed) return;
    this.#stop();
    this.#observed = source;
    this.#stop =
      source?.subscribe((value) => {
        this.#onChange?.(value);
        this.#host.requestUpdate();
      }) ?? (() => {});
  }
}
