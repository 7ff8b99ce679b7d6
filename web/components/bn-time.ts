import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { formatExact, formatRelative } from "../lib/format.ts";

const REFRESH_MS = 15_000;

/** A moment: relative to now, the exact one on hover. Takes ISO 8601 or epoch milliseconds. */
@customElement("bn-time")
export class BnTime extends LitElement {
  static override styles = css`
    :host {
      white-space: nowrap;
    }
  `;

  @property({ attribute: false }) at: string | number | null = null;
  /** What to write when there is no moment. */
  @property() none = "never";

  #timer: ReturnType<typeof setInterval> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#timer = setInterval(() => this.requestUpdate(), REFRESH_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  protected override render(): unknown {
    if (this.at === null) return this.none;
    const atMs = new Date(this.at).getTime();
    if (Number.isNaN(atMs)) return nothing;
    return html`<time datetime=${new Date(atMs).toISOString()} title=${formatExact(atMs)}
      >${formatRelative(atMs, Date.now())}</time
    >`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-time": BnTime;
  }
}
