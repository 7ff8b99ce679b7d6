import { css } from "lit";

/** The list, and beside it the chosen event; on a narrow screen the event stands first. */
export const eventsPageStyles = css`
  .whole {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    align-items: start;
    gap: var(--space-4);
  }

  .whole.split {
    grid-template-columns: minmax(0, 1fr) minmax(320px, 420px);
  }

  .split > bn-event-detail {
    grid-column: 2;
    grid-row: 1;
    position: sticky;
    top: calc(var(--top-bar-height) + var(--space-4));
  }

  .split > section {
    grid-column: 1;
    grid-row: 1;
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

  @media (max-width: 1100px) {
    .whole.split {
      grid-template-columns: minmax(0, 1fr);
    }

    .split > bn-event-detail,
    .split > section {
      grid-column: 1;
      grid-row: auto;
      position: static;
    }
  }
`;
