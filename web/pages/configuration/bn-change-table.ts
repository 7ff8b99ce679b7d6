import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { SettingChange } from "../../data/settings.ts";
import { baseStyles } from "../../styles/shared.ts";
import { valueWords } from "./words.ts";

/** Settings with their value before and after. */
@customElement("bn-change-table")
export class BnChangeTable extends LitElement {
  static override styles = [
    baseStyles,
    css`
      ul {
        display: grid;
        gap: var(--space-2);
      }

      li {
        display: grid;
        gap: 2px;
        min-width: 0;
      }

      code {
        font-size: var(--text-12);
        overflow-wrap: anywhere;
      }

      .values {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: var(--space-2);
        font-size: var(--text-13);
      }

      del {
        color: var(--soft);
        text-decoration-color: var(--alarm);
        overflow-wrap: anywhere;
      }

      ins {
        font-weight: 500;
        text-decoration: none;
        overflow-wrap: anywhere;
      }

      .restart {
        color: var(--watch);
        font-size: var(--text-12);
      }
    `,
  ];

  @property({ attribute: false }) changes: readonly (SettingChange & { needsRestart?: boolean })[] = [];

  protected override render(): unknown {
    return html`<ul>
      ${this.changes.map(
        ({ key, before, after, needsRestart }) => html`<li>
          <code>${key}</code>
          <span class="values">
            ${
              before === null
                ? html`<span class="soft">not set</span>`
                : html`<del><span class="unseen">before: </span>${valueWords(before)}</del>`
            }
            <span aria-hidden="true">→</span>
            <ins><span class="unseen">after: </span>${after === null ? "not set" : valueWords(after)}</ins>
            ${needsRestart ? html`<span class="restart">at the next start</span>` : nothing}
          </span>
        </li>`,
      )}
    </ul>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-change-table": BnChangeTable;
  }
}
