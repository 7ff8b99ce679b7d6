import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { SlowOperation } from "../../data/operations.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { baseStyles } from "../../styles/shared.ts";

/** What was slow, and under it what is known of that run. */
@customElement("bn-slow-cell")
export class BnSlowCell extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: block;
        min-width: 0;
        padding: var(--space-2) 0;
      }

      span {
        display: block;
        overflow: hidden;
        text-overflow: ellipsis;
      }

      .attributes {
        color: var(--soft);
        font-family: var(--font-mono);
        font-size: var(--text-12);
        font-weight: 400;
      }

      @media (max-width: 720px) {
        span {
          overflow-wrap: anywhere;
          white-space: normal;
        }
      }
    `,
  ];

  @property({ attribute: false }) run: SlowOperation | undefined;

  protected override render(): unknown {
    if (this.run === undefined) return nothing;
    const { operation, attributes } = this.run;
    const known = foreignText(
      Object.entries(attributes)
        .map(([name, value]) => `${name}=${value}`)
        .join("  "),
    );
    return html`<span>${foreignText(operation)}</span>${
      known === "" ? nothing : html`<span class="attributes" title=${known}>${known}</span>`
    }`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-slow-cell": BnSlowCell;
  }
}
