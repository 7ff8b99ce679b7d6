import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-sparkline.ts";
import { baseStyles } from "../../styles/shared.ts";

/** The last 24 hours of an error as a line; for those who do not see it, as a sum. */
@customElement("bn-error-day")
export class BnErrorDay extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: block;
        width: 120px;
      }

      bn-sparkline {
        height: 22px;
        color: var(--alarm);
      }
    `,
  ];

  /** How often in each hour, oldest first. */
  @property({ attribute: false }) hours: readonly number[] = [];

  protected override render(): unknown {
    const total = this.hours.reduce((sum, count) => sum + count, 0);
    const points = this.hours.map((value, t) => ({ t, value }));
    return html`<bn-sparkline .points=${points} .fromMs=${0} .toMs=${points.length - 1}></bn-sparkline
      ><span class="unseen">${total} times</span>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-error-day": BnErrorDay;
  }
}
