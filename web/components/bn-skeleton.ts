import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";

/** The place of something that loads; shows itself only after 150 ms, so that quick answers do not flicker. */
@customElement("bn-skeleton")
export class BnSkeleton extends LitElement {
  static override styles = css`
    :host {
      display: block;
    }

    div {
      border-radius: var(--radius-small);
      background: var(--hover);
      opacity: 0;
      animation: appear 150ms ease 150ms forwards;
    }

    :host([shape="line"]) div {
      height: 14px;
    }

    :host([shape="figure"]) div {
      width: 96px;
      height: 28px;
    }

    :host([shape="block"]) div {
      height: 100%;
      min-height: 120px;
    }

    @keyframes appear {
      to {
        opacity: 1;
      }
    }

    @media (prefers-reduced-motion: reduce) {
      div {
        animation-duration: 1ms;
      }
    }
  `;

  @property({ reflect: true }) shape: "line" | "figure" | "block" = "line";

  protected override render(): unknown {
    return html`<div aria-hidden="true"></div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-skeleton": BnSkeleton;
  }
}
