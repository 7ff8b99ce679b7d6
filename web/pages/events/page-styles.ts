import { css } from "lit";
import { sampleStyles } from "../../styles/sample.ts";

/** The list, and beside it the chosen event; on a narrow screen the event stands first. */
export const eventsPageStyles = [
  sampleStyles,
  css`
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
`,
];
