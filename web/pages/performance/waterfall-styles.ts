import { css, unsafeCSS } from "lit";
import { PALETTE_SIZE } from "../../components/chart-palette.ts";

const colours = Array.from(
  { length: PALETTE_SIZE },
  (_, index) => `.colour-${index} { --colour: var(--series-${index + 1}); }`,
).join("\n");

/** Rows of names and bars; on a phone the bar stands under its name. */
export const waterfallStyles = [
  unsafeCSS(colours),
  css`
    :host {
      display: block;
      min-width: 0;
    }

    .ruler,
    .row {
      display: grid;
      grid-template-columns: minmax(160px, 34%) minmax(0, 1fr) 84px;
      align-items: center;
    }

    .ruler {
      height: 28px;
      padding: 0 var(--space-4);
      border-bottom: 1px solid var(--line);
      color: var(--faint);
      font-size: var(--text-11);
    }

    .ticks {
      display: flex;
      justify-content: space-between;
    }

    .scroll {
      max-height: min(72dvh, 900px);
      overflow: auto;
      outline-offset: -2px;
    }

    .row {
      height: var(--span-height, 30px);
      padding: 0 var(--space-4);
      font-size: var(--text-13);
      cursor: default;
    }

    .row:hover {
      background: var(--hover);
    }

    .row[aria-selected="true"] {
      background: var(--brass-wash);
    }

    .scroll:focus-visible .row[aria-selected="true"] {
      box-shadow: inset 2px 0 var(--brass);
    }

    .label {
      display: flex;
      align-items: center;
      gap: var(--space-1);
      min-width: 0;
      padding-right: var(--space-3);
    }

    .fold {
      flex: none;
      width: 16px;
      height: 24px;
      color: var(--faint);
      font-size: 9px;
      line-height: 24px;
      text-align: center;
      cursor: pointer;
    }

    .swatch {
      flex: none;
      width: 8px;
      height: 8px;
      border-radius: 2px;
      background: var(--colour);
    }

    .text {
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }

    .orphan {
      flex: none;
      color: var(--faint);
    }

    .mark {
      flex: none;
      color: var(--alarm);
      font-weight: 600;
    }

    .lane {
      position: relative;
      height: 100%;
      background-image: linear-gradient(to right, var(--line) 1px, transparent 1px);
      background-size: 25% 100%;
    }

    .bar {
      position: absolute;
      top: calc(50% - 6px);
      min-width: 2px;
      height: 12px;
      border-radius: 2px;
      background: var(--colour);
    }

    .critical .bar::after {
      position: absolute;
      inset: auto 0 -4px;
      height: 2px;
      background: var(--brass);
      content: "";
    }

    .failed .bar {
      outline: 2px solid var(--alarm);
      outline-offset: 1px;
    }

    .duration {
      padding-left: var(--space-3);
      color: var(--soft);
      text-align: right;
      white-space: nowrap;
    }

    .legend {
      display: flex;
      flex-wrap: wrap;
      gap: var(--space-1) var(--space-4);
      padding: var(--space-3) var(--space-4);
      border-top: 1px solid var(--line);
      color: var(--soft);
      font-size: var(--text-12);
    }

    .legend span {
      display: inline-flex;
      align-items: center;
      gap: var(--space-2);
    }

    .legend .line {
      width: 16px;
      height: 2px;
      background: var(--brass);
    }

    @media (max-width: 720px) {
      .ruler {
        grid-template-columns: minmax(0, 1fr);
      }

      .ruler > :not(.ticks) {
        display: none;
      }

      .row {
        grid-template-columns: minmax(0, 1fr) auto;
        grid-template-rows: 28px 20px;
      }

      .label {
        padding-right: 0;
      }

      .fold {
        width: 28px;
        height: 28px;
        line-height: 28px;
      }

      .lane {
        grid-column: 1 / -1;
        grid-row: 2;
      }

      .duration {
        grid-column: 2;
        grid-row: 1;
      }
    }
  `,
];
