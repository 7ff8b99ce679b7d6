import { css } from "lit";

/** One line: its message, its ids, its fields. */
export const logDetailStyles = css`
  .body {
    display: grid;
    gap: var(--space-4);
    max-height: calc(100dvh - var(--top-bar-height) - 120px);
    padding: var(--space-4);
    overflow: auto;
  }

  h2 {
    display: flex;
    align-items: center;
    gap: var(--space-3);
  }

  pre {
    max-height: 30dvh;
    margin: 0;
    padding: var(--space-3);
    border-radius: var(--radius-small);
    background: var(--sunken);
    overflow: auto;
    overflow-wrap: anywhere;
    font-family: var(--font-mono);
    font-size: var(--text-12);
    line-height: 1.6;
    white-space: pre-wrap;
  }

  dl {
    display: grid;
    grid-template-columns: 96px minmax(0, 1fr);
    gap: var(--space-2) var(--space-3);
    font-size: var(--text-13);
  }

  dt {
    color: var(--faint);
  }

  dd {
    overflow-wrap: anywhere;
  }

  dd a {
    margin-right: var(--space-3);
    color: var(--brass-ink);
    white-space: nowrap;
  }

  table {
    width: 100%;
    border-collapse: collapse;
    font-size: var(--text-12);
    table-layout: fixed;
  }

  th,
  td {
    padding: var(--space-1) var(--space-2) var(--space-1) 0;
    border-bottom: 1px solid var(--line);
    overflow-wrap: anywhere;
    font-weight: 400;
    text-align: left;
    vertical-align: top;
  }

  th {
    width: 34%;
    color: var(--soft);
  }

  td {
    font-family: var(--font-mono);
  }

  .verbs {
    width: 68px;
    padding-right: 0;
    text-align: right;
    white-space: nowrap;
  }

  .verbs .button {
    width: 28px;
    min-height: 28px;
    font-family: var(--font-mono);
  }

  @media (max-width: 1100px) {
    .body {
      max-height: none;
    }
  }

  @media (max-width: 720px) {
    .verbs {
      width: 96px;
    }

    .verbs .button {
      width: 44px;
      min-height: 44px;
    }
  }
`;
