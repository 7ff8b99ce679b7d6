import { css } from "lit";

/** What an empty state shows to be copied: a command, a file. */
export const sampleStyles = css`
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
`;
