import { css, html, LitElement } from "lit";
import { customElement } from "lit/decorators.js";

/** The mark: a compass card in a ring. */
@customElement("bn-mark")
export class BnMark extends LitElement {
  static override styles = css`
    :host {
      display: inline-flex;
      color: var(--brass);
    }

    svg {
      width: var(--mark-size, 24px);
      height: var(--mark-size, 24px);
    }

    .south {
      opacity: 0.55;
    }
  `;

  protected override render(): unknown {
    return html`<svg viewBox="0 0 32 32" aria-hidden="true">
      <circle cx="16" cy="16" r="13.5" fill="none" stroke="currentColor" stroke-width="2"></circle>
      <path
        d="M16 2.5v3M16 26.5v3M2.5 16h3M26.5 16h3"
        fill="none"
        stroke="currentColor"
        stroke-width="2"
      ></path>
      <path d="M16 7l3.2 9h-6.4z" fill="currentColor"></path>
      <path class="south" d="M16 25l-3.2-9h6.4z" fill="currentColor"></path>
    </svg>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-mark": BnMark;
  }
}
