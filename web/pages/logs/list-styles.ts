import { css } from "lit";

/** How a level looks, in rows and in the detail: by shape, word and colour. */
export const levelStyles = css`
  .level {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    color: var(--soft);
  }

  .level::before {
    flex: none;
    width: 8px;
    height: 8px;
    border-radius: 50%;
    background: currentColor;
    content: "";
  }

  .debug .level {
    color: var(--faint);
  }

  .debug .level::before {
    border: 2px solid currentColor;
    background: none;
  }

  .warning .level {
    color: var(--watch);
    font-weight: 600;
  }

  .warning .level::before {
    border-radius: 1px;
    rotate: 45deg;
  }

  .error .level {
    color: var(--alarm);
    font-weight: 600;
  }

  .error .level::before {
    border-radius: 0;
    clip-path: polygon(50% 0, 100% 100%, 0 100%);
  }

  mark {
    border-radius: 2px;
    background: color-mix(in oklch, var(--brass) 32%, transparent);
    color: var(--ink);
  }
`;

/** The window of rows; their places are set by the element. */
export const listStyles = css`
  :host {
    position: relative;
    display: block;
    min-width: 0;
  }

  .scroll {
    height: var(--list-height, 60dvh);
    overflow: hidden scroll;
    overflow-anchor: none;
    overscroll-behavior: contain;
    scrollbar-color: var(--line-strong) transparent;
  }

  .scroll:focus-visible {
    outline-offset: -2px;
  }

  .view {
    position: sticky;
    top: 0;
    overflow: hidden;
    contain: strict;
  }

  .layer {
    padding: 0;
    font-family: var(--font-mono);
    font-size: var(--text-12);
    line-height: 24px;
    will-change: transform;
  }

  .layer.dim {
    opacity: 0.5;
  }

  .row {
    display: grid;
    grid-template-columns: var(--row-columns);
    gap: 0 var(--space-3);
    height: 24px;
    padding: 0 var(--space-4);
    border-left: 2px solid transparent;
    white-space: nowrap;
    cursor: pointer;
    contain: layout style;
  }

  .row > span,
  .row > time {
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
  }

  .row:hover {
    background: var(--hover);
  }

  .row.warning {
    border-left-color: var(--watch);
  }

  .row.error {
    border-left-color: var(--alarm);
  }

  .row.active {
    background: var(--hover);
    box-shadow: inset 0 0 0 1px var(--line-strong);
  }

  .scroll:focus-visible .row.active {
    box-shadow: inset 0 0 0 2px var(--brass);
  }

  .row[aria-selected="true"] {
    background: color-mix(in oklch, var(--brass-wash) 50%, var(--card));
  }

  time,
  .field,
  .id {
    color: var(--faint);
  }

  time {
    font-variant-numeric: tabular-nums;
  }

  .source {
    color: var(--soft);
  }

  .row > .message {
    white-space: pre;
  }

  .debug .message {
    color: var(--soft);
  }

  .row .field,
  .row[aria-selected="true"] time,
  .row[aria-selected="true"] .id {
    color: var(--soft);
  }

  .wraps .row {
    height: auto;
    min-height: 24px;
  }

  .wraps .row > .message {
    overflow-wrap: anywhere;
    white-space: pre-wrap;
  }

  .pill {
    position: absolute;
    right: 50%;
    bottom: var(--space-4);
    z-index: 1;
    translate: 50% 0;
    border-radius: var(--radius-round);
    box-shadow: var(--shadow);
  }

  .edge {
    position: absolute;
    top: var(--space-2);
    right: var(--space-6);
    z-index: 1;
    padding: 2px var(--space-3);
    border: 1px solid var(--line);
    border-radius: var(--radius-round);
    background: var(--raised);
    color: var(--soft);
    font-size: var(--text-12);
  }

  @media (max-width: 720px) {
    .row {
      grid-template-columns: auto auto minmax(0, 1fr);
      align-content: center;
      height: 56px;
      line-height: 20px;
      border-bottom: 1px solid var(--line);
    }

    .wraps .row {
      padding-block: var(--space-2);
      min-height: 56px;
    }

    .row > .message {
      grid-column: 1 / -1;
      grid-row: 2;
    }

    .id {
      display: none;
    }
  }
`;
