import { css } from "lit";

/** The bar of unsaved changes and the changes themselves. */
export const configurationStyles = css`
  .saving {
    position: sticky;
    bottom: var(--space-4);
    z-index: var(--level-sticky);
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: var(--space-3);
    margin-top: var(--space-4);
    padding: var(--space-3) var(--space-4);
    border: 1px solid var(--brass);
    border-radius: var(--radius);
    background: var(--raised);
    box-shadow: var(--shadow);
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

  @media (max-width: 720px) {
    .saving {
      bottom: calc(72px + env(safe-area-inset-bottom));
    }
  }
`;
