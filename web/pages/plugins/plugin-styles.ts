import { css } from "lit";

/** What the tabs of a plugin's page share: facts, notes, code. */
export const pluginStyles = css`
  .stack,
  .facts {
    grid-template-columns: minmax(0, 1fr);
  }

  header h2 {
    font-size: var(--text-14);
  }

  header .faint {
    font-size: var(--text-13);
  }

  .content {
    padding: var(--space-4);
  }

  dl.facts {
    display: grid;
    grid-template-columns: 130px minmax(0, 1fr);
    gap: var(--space-2) var(--space-4);
    padding: var(--space-4);
    font-size: var(--text-13);
  }

  dt {
    color: var(--faint);
  }

  dd,
  .wrap {
    overflow-wrap: anywhere;
  }

  .note {
    padding: var(--space-4);
    color: var(--soft);
    font-size: var(--text-13);
  }

  pre {
    max-height: 420px;
    margin: 0;
    padding: var(--space-3) var(--space-4);
    overflow: auto;
    font-family: var(--font-mono);
    font-size: var(--text-12);
    line-height: 1.6;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }

  bn-skeleton {
    margin: var(--space-4);
  }

  @media (max-width: 720px) {
    dl.facts {
      grid-template-columns: minmax(0, 1fr);
      gap: 2px;
    }

    dl.facts dd {
      margin-bottom: var(--space-2);
    }
  }
`;
