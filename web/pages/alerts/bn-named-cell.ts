import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { baseStyles } from "../../styles/shared.ts";

/** The name of something that is set up, which leads to its editor, and what it does in a line. */
@customElement("bn-named-cell")
export class BnNamedCell extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: block;
        min-width: 0;
        padding: 6px 0;
      }

      a {
        color: var(--ink);
        font-weight: 500;
        text-decoration: none;
        white-space: normal;
        overflow-wrap: anywhere;
      }

      a:hover {
        text-decoration: underline;
      }

      p {
        margin-top: 2px;
        color: var(--faint);
        font-size: var(--text-12);
        font-weight: 400;
        white-space: normal;
        overflow-wrap: anywhere;
      }

      @media (max-width: 720px) {
        a {
          display: inline-block;
          padding: 10px 0;
          margin: -10px 0;
        }
      }
    `,
  ];

  @property() name = "";
  @property() text = "";
  @property() href = "";

  protected override render(): unknown {
    return html`<a href=${this.href}><bdi>${this.name}</bdi></a><p>${this.text}</p>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-named-cell": BnNamedCell;
  }
}
