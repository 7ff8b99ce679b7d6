import type { LitElement, ReactiveController } from "lit";

/**
 * Opens and closes a host's panel: a press outside, Escape and leaving by keyboard close it; Escape returns
 * the focus to the trigger (the first button of the host).
 */
export class Popover implements ReactiveController {
  isOpen = false;
  readonly #host: LitElement;

  constructor(host: LitElement) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {
    this.#host.addEventListener("keydown", this.#onKey);
    this.#host.addEventListener("focusout", this.#onFocusOut);
  }

  hostDisconnected(): void {
    this.#host.removeEventListener("keydown", this.#onKey);
    this.#host.removeEventListener("focusout", this.#onFocusOut);
    this.close();
  }

  readonly toggle = (): void => {
    if (this.isOpen) this.close();
    else this.open();
  };

  open(): void {
    this.isOpen = true;
    document.addEventListener("pointerdown", this.#onPress);
    this.#host.requestUpdate();
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    document.removeEventListener("pointerdown", this.#onPress);
    this.#host.requestUpdate();
  }

  /** Closes and puts the focus back on what opened it. */
  dismiss(): void {
    this.close();
    this.#host.renderRoot.querySelector("button")?.focus();
  }

  readonly #onPress = (event: Event): void => {
    if (!event.composedPath().includes(this.#host)) this.close();
  };

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || !this.isOpen) return;
    event.stopPropagation();
    this.dismiss();
  };

  readonly #onFocusOut = (event: FocusEvent): void => {
    const next = event.relatedTarget;
    const isInside =
      next instanceof Node && (this.#host.contains(next) || this.#host.renderRoot.contains(next));
    if (next !== null && !isInside) this.close();
  };
}
