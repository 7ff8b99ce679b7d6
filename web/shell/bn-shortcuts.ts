import { css, html, LitElement } from "lit";
import { customElement } from "lit/decorators.js";
import { baseStyles } from "../styles/shared.ts";
import "../components/bn-dialog.ts";
import { CHART_KEYS, LOG_KEYS, SHORTCUTS } from "./shortcuts.ts";

/** The list of keys that `?` opens. */
@customElement("bn-shortcuts")
export class BnShortcuts extends LitElement {
  static override styles = [
    baseStyles,
    css`
      h3 {
        margin: var(--space-4) 0 var(--space-2);
        color: var(--soft);
        font-size: var(--text-13);
      }

      dl {
        display: grid;
        grid-template-columns: 1fr auto;
        gap: var(--space-2) var(--space-4);
      }

      kbd {
        padding: 1px 6px;
        border: 1px solid var(--line);
        border-radius: 4px;
        font-family: var(--font-mono);
        font-size: var(--text-12);
      }
    `,
  ];

  async open(): Promise<void> {
    await this.renderRoot.querySelector("bn-dialog")?.open();
  }

  #list(entries: readonly { keys: string; words: string }[]): unknown {
    return html`<dl>
      ${entries.map((entry) => html`<dt>${entry.words}</dt><dd><kbd>${entry.keys}</kbd></dd>`)}
    </dl>`;
  }

  protected override render(): unknown {
    return html`<bn-dialog heading="Keys">
      <h3>Everywhere</h3>
      ${this.#list(SHORTCUTS)}
      <h3>On a focused chart</h3>
      ${this.#list(CHART_KEYS)}
      <h3>On the lines of a log</h3>
      ${this.#list(LOG_KEYS)}
    </bn-dialog>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-shortcuts": BnShortcuts;
  }
}
