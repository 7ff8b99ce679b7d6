import { css } from "lit";

/** The bar of unsaved changes that stays in sight at the bottom of a form. */
export const savingStyles = css`
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

  @media (max-width: 720px) {
    .saving {
      bottom: calc(72px + env(safe-area-inset-bottom));
    }
  }
`;
