import { css } from "lit";

/** A line over a table: what it shows, and what can be added; the skeleton while its content loads. */
export const barStyles = css`
  bn-skeleton {
    margin: var(--space-4);
  }

  .bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: var(--space-3);
    padding: var(--space-3) var(--space-4);
    border-bottom: 1px solid var(--line);
  }
`;
