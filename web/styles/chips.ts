import { css } from "lit";

/** Filters as chips in a row: links whose address holds the choice. */
export const chipStyles = css`
  .chips {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--space-2) var(--space-1);
  }

  .chips + .chips {
    padding-left: var(--space-3);
    border-left: 1px solid var(--line);
  }

  .chip {
    display: inline-flex;
    align-items: center;
    gap: var(--space-1);
    min-height: 28px;
    padding: 0 var(--space-3);
    border: 1px solid var(--line);
    border-radius: var(--radius-round);
    color: var(--soft);
    font-size: var(--text-12);
    font-weight: 500;
    text-decoration: none;
    white-space: nowrap;
  }

  .chip:hover {
    background: var(--hover);
    color: var(--ink);
  }

  .chip[aria-current] {
    border-color: var(--brass);
    background: var(--brass-wash);
    color: var(--brass-ink);
  }

  .filters {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--space-3);
    padding: var(--space-3) var(--space-4);
    border-bottom: 1px solid var(--line);
  }

  .filters input {
    width: 220px;
    min-height: 30px;
    font-size: var(--text-13);
  }

  .filters .end {
    margin-left: auto;
  }

  @media (max-width: 720px) {
    .chip {
      flex: none;
      min-height: 44px;
    }

    /* One line to push along: what is filtered is not pushed out of sight by the filters. */
    .chips {
      flex-wrap: nowrap;
      max-width: 100%;
      overflow-x: auto;
      scrollbar-width: none;
    }

    .chips + .chips {
      padding-left: 0;
      border-left: 0;
    }

    .filters > form,
    .filters input {
      width: 100%;
      min-height: 44px;
      font-size: var(--text-16);
    }
  }
`;
