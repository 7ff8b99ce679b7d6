import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { Quantity } from "../lib/format.ts";
import { baseStyles } from "../styles/shared.ts";
import type { Point } from "./bn-sparkline.ts";
import "./bn-skeleton.ts";
import "./bn-sparkline.ts";

/** One figure that matters, what it is out of, how it changed, and its recent course; links to the whole story. */
@customElement("bn-metric-card")
export class BnMetricCard extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: block;
        min-width: 0;
      }

      a {
        display: grid;
        height: 100%;
        overflow: hidden;
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--card);
        color: var(--ink);
        text-decoration: none;
        transition: border-color var(--duration-quick);
      }

      a:hover {
        border-color: var(--line-strong);
      }

      .top {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        justify-content: space-between;
        gap: 0 var(--space-2);
        padding: var(--space-3) var(--space-4) 0;
        font-size: var(--text-13);
      }

      .label {
        color: var(--soft);
      }

      .note {
        color: var(--faint);
        font-size: var(--text-12);
      }

      .figure {
        display: flex;
        align-items: baseline;
        gap: var(--space-1);
        min-height: 38px;
        padding: 2px var(--space-4) 0;
        font-size: var(--text-28);
        font-weight: 600;
        letter-spacing: -0.02em;
        line-height: 36px;
      }

      .value {
        font-weight: inherit;
      }

      .figure span {
        color: var(--soft);
        font-size: var(--text-14);
        font-weight: 400;
        letter-spacing: 0;
      }

      .figure .change {
        margin-left: auto;
        color: var(--faint);
        font-size: var(--text-12);
      }

      bn-skeleton {
        align-self: center;
      }

      bn-sparkline {
        margin-top: var(--space-2);
      }

      :host([tone="2"]) bn-sparkline {
        color: var(--series-2);
      }

      :host([tone="3"]) bn-sparkline {
        color: var(--series-3);
      }

      :host([tone="4"]) bn-sparkline {
        color: var(--series-4);
      }

      :host([level="watch"]) bn-sparkline,
      :host([level="watch"]) .value {
        color: var(--watch);
      }

      :host([level="alarm"]) bn-sparkline,
      :host([level="alarm"]) .value {
        color: var(--alarm);
      }

      @media (max-width: 480px) {
        .top {
          padding-inline: var(--space-3);
        }

        .figure {
          padding-inline: var(--space-3);
          font-size: 1.5rem;
        }

        .figure .change {
          display: none;
        }
      }
    `,
  ];

  @property() label = "";
  @property() note = "";
  @property() href = "";
  /** Which series colour the sparkline takes, 1 to 4. */
  @property({ reflect: true }) tone = "1";
  @property({ reflect: true }) level: "calm" | "watch" | "alarm" = "calm";
  /** The figure; undefined while it is not yet known. */
  @property({ attribute: false }) quantity: Quantity | undefined;
  /** What stands behind the figure besides its unit: `of 24 GiB`. */
  @property() extent = "";
  /** How it moved over the shown time: `+2.1 %`. */
  @property() change = "";
  @property({ attribute: false }) points: readonly Point[] = [];
  @property({ attribute: false }) fromMs = 0;
  @property({ attribute: false }) toMs = 1;
  @property({ attribute: false }) ceiling: number | undefined;

  protected override render(): unknown {
    const { quantity } = this;
    return html`<a href=${this.href}>
      <span class="top"><span class="label">${this.label}</span><span class="note">${this.note}</span></span>
      <span class="figure">
        ${
          quantity === undefined
            ? html`<bn-skeleton shape="figure"></bn-skeleton>`
            : html`<b class="value">${quantity.figure}</b><span>${quantity.suffix} ${this.extent}</span>`
        }
        ${this.change === "" ? nothing : html`<span class="change">${this.change}</span>`}
      </span>
      <bn-sparkline
        .points=${this.points}
        .fromMs=${this.fromMs}
        .toMs=${this.toMs}
        .ceiling=${this.ceiling}
      ></bn-sparkline>
    </a>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-metric-card": BnMetricCard;
  }
}
