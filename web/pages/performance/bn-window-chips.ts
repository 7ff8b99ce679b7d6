import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { STATISTICS_WINDOWS, type StatisticsWindow } from "../../../schema/rules/operations.ts";
import { chipStyles } from "../../styles/chips.ts";
import { baseStyles } from "../../styles/shared.ts";
import { DEFAULT_WINDOW, WINDOW_LABELS } from "./filters.ts";

/** How far back to look, as links. */
@customElement("bn-window-chips")
export class BnWindowChips extends LitElement {
  static override styles = [
    baseStyles,
    chipStyles,
    css`
      :host {
        display: block;
      }
    `,
  ];

  @property() chosen: StatisticsWindow = DEFAULT_WINDOW;
  /** The address of the page with that window. */
  @property({ attribute: false }) hrefOf: (window: StatisticsWindow) => string = () => "/performance";

  protected override render(): unknown {
    return html`<nav class="chips" aria-label="Time">
      ${STATISTICS_WINDOWS.map(
        (window) =>
          html`<a
            class="chip"
            href=${this.hrefOf(window)}
            aria-current=${window === this.chosen ? "true" : nothing}
            >${WINDOW_LABELS[window]}</a
          >`,
      )}
    </nav>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-window-chips": BnWindowChips;
  }
}
