import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { baseStyles } from "../../styles/shared.ts";

/** A name that leads to the page of what it names, and what there is to say of it: a text, or facts side by side. */
@customElement("bn-named-cell")
export class BnNamedCell extends LitElement {
  static override shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };
  static override styles = [
    baseStyles,
    css`
      :host {
        display: block;
        min-width: 0;
        padding: 6px 0;
        font-weight: 400;
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
        display: flex;
        flex-wrap: wrap;
        gap: 2px var(--space-3);
        margin-top: 2px;
        color: var(--faint);
        font-size: var(--text-12);
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
  @property() href = "";
  @property() text = "";
  /** A word of machines that stands before the rest. */
  @property() code = "";
  @property({ attribute: false }) facts: readonly string[] = [];

  protected override render(): unknown {
    const facts = [this.text, ...this.facts].filter((fact) => fact !== "");
    return html`<a href=${this.href}><bdi>${this.name}</bdi></a>
      <p>
        ${this.code === "" ? nothing : html`<span class="mono">${this.code}</span>`}
        ${facts.map((fact) => html`<span>${fact}</span>`)}
      </p>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-named-cell": BnNamedCell;
  }
}
