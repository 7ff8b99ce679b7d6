import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-sparkline.ts";
import type { Point } from "../../components/bn-sparkline.ts";
import type { TimeWindow } from "../../lib/time-range.ts";
import { baseStyles } from "../../styles/shared.ts";

/** A figure of a plugin and its recent course, in a row of the list. */
@customElement("bn-plugin-figure")
export class BnPluginFigure extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: inline-grid;
        grid-template-columns: 48px 62px;
        align-items: center;
        justify-content: end;
        gap: var(--space-2);
      }

      bn-sparkline {
        height: 18px;
      }

      :host([tone="2"]) bn-sparkline {
        color: var(--series-3);
      }

      span {
        text-align: right;
      }

      @media (max-width: 720px) {
        :host {
          grid-template-columns: auto;
        }

        bn-sparkline,
        .none {
          display: none;
        }
      }
    `,
  ];

  @property() text = "";
  @property({ attribute: false }) points: readonly Point[] = [];
  @property({ attribute: false }) window: TimeWindow = { fromMs: 0, toMs: 1 };

  protected override render(): unknown {
    const { fromMs, toMs } = this.window;
    return html`${
      this.points.length === 0
        ? html`<span class="none"></span>`
        : html`<bn-sparkline .points=${this.points} .fromMs=${fromMs} .toMs=${toMs}></bn-sparkline>`
    }<span>${this.text || nothing}</span>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-plugin-figure": BnPluginFigure;
  }
}
