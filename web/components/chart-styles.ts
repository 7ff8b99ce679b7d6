import { css, unsafeCSS } from "lit";
import plotStyles from "uplot/dist/uPlot.min.css?raw";
import { PALETTE_SIZE } from "./chart-palette.ts";

const swatches = Array.from(
  { length: PALETTE_SIZE },
  (_, index) => `.swatch-${index} { background: var(--series-${index + 1}); }`,
).join("\n");

export const chartStyles = [
  unsafeCSS(plotStyles),
  css`
    :host {
      display: block;
      min-width: 0;
    }

    .plot {
      position: relative;
      height: var(--chart-height, 190px);
      border-radius: var(--radius-small);
    }

    .uplot {
      position: absolute;
      font-family: inherit;
    }

    .u-cursor-x {
      border-right-color: var(--faint) !important;
    }

    .u-select {
      background: color-mix(in oklch, var(--brass) 18%, transparent);
    }

    .cover {
      position: absolute;
      inset: 0;
      display: grid;
      place-items: center;
      color: var(--faint);
      font-size: var(--text-13);
      pointer-events: none;
    }

    /* The hairlines of the grid would run through the words. */
    .cover span {
      padding: 0 var(--space-3);
      background: var(--card);
    }

    table {
      width: 100%;
      margin-top: var(--space-2);
      padding-top: var(--space-2);
      border-top: 1px solid var(--line);
      border-collapse: separate;
      border-spacing: 0;
      font-size: var(--text-13);
      line-height: 20px;
    }

    th,
    td {
      padding: 0;
      font-weight: 400;
      text-align: right;
      white-space: nowrap;
    }

    td,
    thead th + th {
      width: 74px;
      padding-left: var(--space-2);
    }

    thead {
      color: var(--faint);
    }

    th:first-child {
      width: auto;
      max-width: 0;
      overflow: hidden;
      text-align: left;
      text-overflow: ellipsis;
    }

    tbody {
      color: var(--soft);
    }

    td.now {
      color: var(--ink);
    }

    .toggle {
      display: inline-flex;
      align-items: center;
      gap: 10px;
      max-width: 100%;
      padding: 0;
      border: 0;
      border-radius: var(--radius-small);
      background: none;
      color: inherit;
      font: inherit;
      cursor: pointer;
    }

    .toggle span:last-child {
      overflow: hidden;
      text-overflow: ellipsis;
    }

    .toggle:focus-visible {
      outline-offset: -2px;
    }

    .toggle:hover {
      color: var(--ink);
    }

    .toggle[aria-pressed="false"] {
      color: var(--faint);
      text-decoration: line-through;
    }

    .swatch {
      flex: none;
      width: 12px;
      height: 3px;
      border-radius: 2px;
    }

    .toggle[aria-pressed="false"] .swatch {
      opacity: 0.3;
    }

    ${unsafeCSS(swatches)}

    @media (max-width: 720px) {
      .toggle {
        min-height: 44px;
      }

      .min,
      .max {
        display: none;
      }
    }
  `,
];
