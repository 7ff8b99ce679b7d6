import { css } from "lit";

/** What the lists and details of the page share. */
export const performanceStyles = css`
  .stack {
    grid-template-columns: minmax(0, 1fr);
  }

  .note {
    padding: var(--space-3) var(--space-4);
    color: var(--faint);
    font-size: var(--text-12);
  }

  bn-empty pre {
    max-width: 100%;
    margin: 0;
    padding: var(--space-3) var(--space-4);
    border: 1px solid var(--line);
    border-radius: var(--radius-small);
    background: var(--sunken);
    color: var(--ink);
    overflow-x: auto;
    font-family: var(--font-mono);
    font-size: var(--text-12);
    text-align: left;
  }

  .more {
    padding: var(--space-3) var(--space-4);
  }
`;
