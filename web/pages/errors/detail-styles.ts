import { css } from "lit";

/** The page of one error. */
export const detailStyles = css`
  .stack {
    grid-template-columns: minmax(0, 1fr);
  }

  header .faint {
    font-size: var(--text-13);
  }

  header h2#title {
    margin-top: var(--space-1);
    font-size: var(--text-16);
    overflow-wrap: anywhere;
  }

  .overview {
    display: grid;
    grid-template-columns: minmax(0, 3fr) minmax(0, 2fr);
    gap: var(--space-6);
    padding: var(--space-4);
  }

  dl {
    display: grid;
    grid-template-columns: 110px minmax(0, 1fr);
    gap: var(--space-2) var(--space-4);
    font-size: var(--text-13);
  }

  dt {
    color: var(--faint);
  }

  dd {
    overflow-wrap: anywhere;
  }

  figure bn-sparkline {
    height: 96px;
    margin-top: var(--space-2);
    color: var(--alarm);
  }

  figcaption {
    font-size: var(--text-12);
  }

  pre {
    max-height: 360px;
    margin: 0;
    padding: var(--space-4);
    overflow: auto;
    font-family: var(--font-mono);
    font-size: var(--text-12);
    line-height: 1.6;
  }

  .note {
    padding: var(--space-4);
  }

  @media (max-width: 720px) {
    .overview {
      grid-template-columns: minmax(0, 1fr);
    }
  }
`;
