import { css } from "lit";

/** What every element's shadow root needs: box model, focus ring, links, figures, hidden text. */
export const baseStyles = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }

  :host([hidden]) {
    display: none;
  }

  h1,
  h2,
  h3,
  p,
  ul,
  ol,
  dl,
  dd,
  figure {
    margin: 0;
    padding: 0;
  }

  ul,
  ol {
    list-style: none;
  }

  h1,
  h2,
  h3 {
    font-weight: 600;
    font-size: var(--text-14);
    letter-spacing: -0.005em;
    text-wrap: balance;
  }

  a {
    color: inherit;
  }

  :focus-visible {
    outline: 2px solid var(--brass);
    outline-offset: 2px;
  }

  :focus:not(:focus-visible) {
    outline: none;
  }

  code,
  .mono {
    font-family: var(--font-mono);
    font-size: 0.93em;
  }

  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  .faint {
    color: var(--faint);
  }

  .soft {
    color: var(--soft);
  }
`;

/** Native buttons, inputs and selects in the house's look; classes choose the weight of a button. */
export const controlStyles = css`
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: var(--space-2);
    min-height: var(--control-height);
    padding: 0 var(--space-3);
    border: 1px solid var(--line);
    border-radius: var(--radius-small);
    background: var(--card);
    color: var(--ink);
    font: inherit;
    font-size: var(--text-13);
    font-weight: 500;
    text-decoration: none;
    white-space: nowrap;
    cursor: pointer;
    transition:
      background var(--duration-quick),
      border-color var(--duration-quick);
  }

  .button:hover {
    background: var(--hover);
  }

  .button.primary {
    border-color: transparent;
    background: var(--brass);
    color: var(--on-brass);
    font-weight: 600;
  }

  .button.primary:hover {
    background: var(--brass-hover);
  }

  .button.quiet {
    border-color: transparent;
    background: transparent;
    color: var(--soft);
  }

  .button.quiet:hover {
    background: var(--hover);
    color: var(--ink);
  }

  .button.danger {
    border-color: color-mix(in oklch, var(--alarm) 55%, transparent);
    color: var(--alarm);
  }

  .button.icon-only {
    width: var(--control-height);
    padding: 0;
  }

  .button.quiet.danger {
    border-color: transparent;
    color: var(--alarm);
  }

  .button:disabled,
  .button[aria-disabled="true"] {
    opacity: 0.55;
    cursor: not-allowed;
  }

  input:where(:not([type="checkbox"], [type="radio"])),
  select,
  textarea {
    width: 100%;
    min-height: var(--control-height);
    padding: 0 var(--space-3);
    border: 1px solid var(--line-strong);
    border-radius: var(--radius-small);
    background: var(--ground);
    color: var(--ink);
    font: inherit;
  }

  input[type="checkbox"],
  input[type="radio"] {
    width: 16px;
    height: 16px;
    margin: 0;
    accent-color: var(--brass);
  }

  input::placeholder {
    color: var(--faint);
    opacity: 1;
  }

  [aria-invalid="true"] {
    border-color: var(--alarm);
  }

  @media (max-width: 720px) {
    input,
    select,
    textarea {
      font-size: var(--text-16);
    }
  }
`;

/** Cards, panels and the page grid. */
export const layoutStyles = css`
  :host {
    display: block;
  }

  .panel {
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--card);
  }

  .panel > header {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: var(--space-2) var(--space-4);
    padding: var(--space-3) var(--space-4);
    border-bottom: 1px solid var(--line);
  }

  .row {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--space-2);
  }

  .stack {
    display: grid;
    align-content: start;
    gap: var(--space-4);
    min-width: 0;
  }

  .grid {
    display: grid;
    grid-template-columns: repeat(12, minmax(0, 1fr));
    gap: var(--space-4);
  }

  .grid > * {
    grid-column: span 12;
    min-width: 0;
  }

  .grid > .quarter {
    grid-column: span 3;
  }

  .grid > .half {
    grid-column: span 6;
  }

  @media (max-width: 1100px) {
    .grid > .quarter {
      grid-column: span 6;
    }

    .grid > .half {
      grid-column: span 12;
    }
  }

  @media (max-width: 720px) {
    .stack,
    .grid {
      gap: var(--space-3);
    }

    /* Room for a finger around a word, at no cost to the lines beside it. */
    .panel > header a:not(.button),
    dd a {
      display: inline-block;
      padding: 14px 0;
      margin: -14px 0;
    }
  }
`;
