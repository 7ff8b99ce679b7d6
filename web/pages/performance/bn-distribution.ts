import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { OperationHistory } from "../../data/operations.ts";
import { formatDuration, formatFigure } from "../../lib/format.ts";
import { baseStyles } from "../../styles/shared.ts";

const PERCENT = 100;
/** What is not empty must be seen. */
const LEAST_PERCENT = 1.5;

/** How durations are spread: columns whose edges grow by the same factor, and where the percentiles stand among them. */
@customElement("bn-distribution")
export class BnDistribution extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: block;
        min-width: 0;
      }

      .columns {
        display: flex;
        align-items: flex-end;
        gap: 2px;
        height: 190px;
        border-bottom: 1px solid var(--line-strong);
      }

      .column {
        flex: 1;
        border-radius: 2px 2px 0 0;
        background: var(--series-1);
      }

      .column.late {
        background: var(--series-5);
      }

      .edges {
        display: flex;
        justify-content: space-between;
        padding-top: var(--space-1);
        color: var(--faint);
        font-size: var(--text-11);
      }

      p {
        padding-top: var(--space-2);
        color: var(--soft);
        font-size: var(--text-12);
      }

      .swatch {
        display: inline-block;
        width: 8px;
        height: 8px;
        border-radius: 2px;
        background: var(--series-5);
      }
    `,
  ];

  @property({ attribute: false }) operation: OperationHistory | undefined;

  protected override render(): unknown {
    const { distribution = [], p50Duration = 0, p95Duration = 0, p99Duration = 0 } = this.operation ?? {};
    const most = Math.max(1, ...distribution.map(({ count }) => count));
    const middle = distribution[Math.floor(distribution.length / 2)];
    const says = `Half took at most ${formatDuration(p50Duration)}, 95 of 100 at most ${formatDuration(p95Duration)}, 99 of 100 at most ${formatDuration(p99Duration)}.`;
    return html`<div class="columns" role="img" aria-label="Distribution of durations. ${says}">
        ${distribution.map(({ from, to, count }) => {
          const height = count === 0 ? 0 : Math.max(LEAST_PERCENT, (PERCENT * count) / most);
          return html`<div
            class=${from >= p95Duration ? "column late" : "column"}
            style="height: ${height}%"
            title="${formatDuration(from)} – ${formatDuration(to)}: ${formatFigure(count, 0)}"
          ></div>`;
        })}
      </div>
      <div class="edges" aria-hidden="true">
        <span>${formatDuration(distribution[0]?.from ?? 0)}</span>
        <span>${middle === undefined ? "" : formatDuration(middle.from)}</span>
        <span>${formatDuration(distribution.at(-1)?.to ?? 0)}</span>
      </div>
      <p>${says} <span class="swatch" aria-hidden="true"></span> slower than p95.</p>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-distribution": BnDistribution;
  }
}
