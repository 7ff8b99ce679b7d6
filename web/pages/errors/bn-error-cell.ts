import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { Incident } from "../../data/incidents.ts";
import { baseStyles } from "../../styles/shared.ts";

/** What happened and where, in a row of the list: the way to the error's own page. */
@customElement("bn-error-cell")
export class BnErrorCell extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: block;
        min-width: 0;
        overflow: hidden;
        text-overflow: ellipsis;
      }

      a {
        text-decoration: none;
      }

      a:hover {
        text-decoration: underline;
      }

      a:focus-visible {
        outline-offset: -2px;
      }

      span {
        margin-left: var(--space-2);
        color: var(--faint);
      }

      @media (max-width: 720px) {
        a {
          display: inline-flex;
          flex-wrap: wrap;
          align-items: center;
          min-height: 44px;
        }

        span {
          margin: 0;
        }
      }
    `,
  ];

  @property({ attribute: false }) incident: Incident | undefined;
  @property() href = "";

  protected override render(): unknown {
    return html`<a href=${this.href}>${this.incident?.headline}</a><span>${this.incident?.place}</span>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-error-cell": BnErrorCell;
  }
}
