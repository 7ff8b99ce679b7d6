import { css } from "lit";

/** The changes that are not saved yet, as they were and will be. */
export const configurationStyles = css`
  header h2 {
    font-size: var(--text-14);
  }

  header .faint {
    font-size: var(--text-13);
  }

  .content {
    padding: var(--space-4);
  }

  .changes {
    display: grid;
    gap: var(--space-2);
  }

  .changes li {
    display: grid;
    gap: 2px;
    font-size: var(--text-13);
    overflow-wrap: anywhere;
  }

  .values {
    display: flex;
    flex-wrap: wrap;
    gap: var(--space-2);
  }

  del {
    color: var(--soft);
    text-decoration-color: var(--alarm);
  }

  ins {
    font-weight: 500;
    text-decoration: none;
  }
`;
