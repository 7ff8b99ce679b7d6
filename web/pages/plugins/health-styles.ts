import { css } from "lit";

/** The strip of checks, and what a plugin depends on. */
export const healthStyles = css`
  .strip {
    display: flex;
    gap: 2px;
    height: 32px;
    padding: 0 var(--space-4);
    margin: var(--space-4) 0 var(--space-1);
  }

  .strip i {
    flex: 1 1 4px;
    min-width: 2px;
    border-radius: 2px;
    background: var(--calm);
  }

  /* Height tells what colour tells. */
  .strip .degraded {
    align-self: end;
    height: 70%;
    background: var(--watch);
  }

  .strip .unhealthy {
    align-self: end;
    height: 40%;
    background: var(--alarm);
  }

  .strip .unknown {
    align-self: end;
    height: 15%;
    background: var(--unknown);
  }

  .strip .none {
    background: var(--hover);
  }

  @media (max-width: 720px) {
    .strip {
      gap: 1px;
    }

    .strip i {
      min-width: 1px;
    }
  }

  .ends {
    display: flex;
    justify-content: space-between;
    padding: 0 var(--space-4) var(--space-4);
    color: var(--faint);
    font-size: var(--text-12);
  }

  .more {
    padding: var(--space-3) var(--space-4);
  }

  .dependencies li {
    display: grid;
    grid-template-columns: 120px minmax(0, 1fr) auto;
    gap: var(--space-3);
    padding: var(--space-2) var(--space-4);
    font-size: var(--text-13);
  }

  .dependencies li + li {
    border-top: 1px solid var(--line);
  }
`;
