import { css } from "lit";

/** The search of the page: one row of controls, one of chips. */
export const filterStyles = css`
  :host {
    display: block;
    border-bottom: 1px solid var(--line);
  }

  form {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--space-2);
    padding: var(--space-3) var(--space-4);
  }

  .search {
    flex: 1 1 320px;
    width: auto;
    min-width: 0;
    font-family: var(--font-mono);
    font-size: var(--text-13);
  }

  .correlation {
    flex: 0 1 200px;
    width: auto;
    min-width: 0;
    font-size: var(--text-13);
  }

  select {
    width: auto;
    max-width: 180px;
    font-size: var(--text-13);
  }

  .chips {
    padding: 0 var(--space-4) var(--space-3);
  }

  button.chip {
    background: none;
    font-family: inherit;
    cursor: pointer;
  }

  button.chip[aria-pressed="true"] {
    border-color: var(--brass);
    background: var(--brass-wash);
    color: var(--brass-ink);
  }

  .chip.set {
    max-width: 100%;
    padding-right: 0;
    background: var(--ground);
    color: var(--ink);
  }

  .chip.set b {
    overflow: hidden;
    font-weight: 600;
    text-overflow: ellipsis;
  }

  .chip.set button {
    display: grid;
    place-items: center;
    width: 28px;
    height: 28px;
    padding: 0;
    border: 0;
    border-radius: var(--radius-round);
    background: none;
    color: var(--soft);
    cursor: pointer;
  }

  .chip.set button:hover {
    color: var(--ink);
  }

  .help {
    padding: 0 var(--space-4) var(--space-3);
    color: var(--soft);
    font-size: var(--text-13);
  }

  .help dl {
    display: grid;
    grid-template-columns: max-content minmax(0, 1fr);
    gap: var(--space-1) var(--space-4);
  }

  .problem {
    padding: 0 var(--space-4) var(--space-3);
    color: var(--alarm);
    font-size: var(--text-13);
  }

  @media (max-width: 720px) {
    .search {
      flex-basis: calc(100% - 56px);
      font-size: var(--text-16);
    }

    select,
    .correlation {
      flex: 1 1 40%;
      max-width: none;
      font-size: var(--text-16);
    }

    .submit {
      flex: 1 1 100%;
    }

    .chips {
      flex-wrap: nowrap;
      overflow-x: auto;
      scrollbar-width: none;
    }

    .chip {
      flex: none;
    }

    .chip.set button {
      width: 44px;
      height: 44px;
    }

    .help dl {
      grid-template-columns: minmax(0, 1fr);
    }
  }
`;
