import { css } from "lit";

/** Figures of the store, and its two tables. */
export const storeStyles = css`
  .figures {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(180px, 1fr));
    gap: var(--space-4);
    padding: var(--space-4);
  }

  .figures dt {
    color: var(--faint);
    font-size: var(--text-12);
  }

  .figures dd {
    font-size: var(--text-16);
    font-weight: 600;
    overflow-wrap: anywhere;
  }

  .figures small {
    display: block;
    color: var(--soft);
    font-size: var(--text-12);
    font-weight: 400;
  }

  meter {
    width: 100%;
    height: 8px;
  }

  .level {
    display: flex;
    flex-wrap: wrap;
    align-items: end;
    gap: var(--space-3);
    padding: var(--space-4);
    border-top: 1px solid var(--line);
  }

  .level bn-field {
    width: min(100%, 320px);
  }

  .note {
    padding: var(--space-4);
    color: var(--soft);
    font-size: var(--text-13);
  }

  .problem {
    color: var(--alarm);
  }
`;
