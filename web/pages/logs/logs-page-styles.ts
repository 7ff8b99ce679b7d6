import { css } from "lit";

/** Lines, and beside them the one whose details are open; on a narrow screen the details stand first. */
export const logsPageStyles = css`
  .whole {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    align-items: start;
    gap: var(--space-4);
  }

  .whole.split {
    grid-template-columns: minmax(0, 1fr) minmax(360px, 460px);
  }

  bn-log-histogram {
    border-bottom: 1px solid var(--line);
  }

  .notice {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--space-2);
    padding: var(--space-2) var(--space-4);
    border-bottom: 1px solid var(--line);
    color: var(--soft);
    font-size: var(--text-13);
  }

  bn-skeleton {
    margin: var(--space-4);
  }

  bn-log-detail {
    position: sticky;
    top: calc(var(--top-bar-height) + var(--space-4));
  }

  @media (max-width: 1100px) {
    .whole.split {
      grid-template-columns: minmax(0, 1fr);
    }

    bn-log-detail {
      position: static;
      order: -1;
    }
  }
`;
