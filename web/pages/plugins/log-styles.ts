import { css } from "lit";

/** Lines of a log: time, level, who, what; levels by word and colour. */
export const logStyles = css`
  .lines {
    max-height: max(320px, calc(100dvh - 420px));
    padding: var(--space-2) 0;
    overflow: auto;
    font-family: var(--font-mono);
    font-size: var(--text-12);
    line-height: 1.6;
  }

  .lines li {
    display: grid;
    grid-template-columns: 72px 60px 52px minmax(0, 1fr);
    gap: 0 var(--space-2);
    padding: 1px var(--space-4);
    content-visibility: auto;
    contain-intrinsic-height: auto 20px;
  }

  .lines li:hover {
    background: var(--hover);
  }

  .lines li.cut {
    display: block;
    color: var(--faint);
  }

  time,
  .source,
  .field {
    color: var(--faint);
  }

  .level {
    color: var(--soft);
  }

  .warning .level {
    color: var(--watch);
  }

  .error .level {
    color: var(--alarm);
  }

  .warning .level,
  .error .level {
    font-weight: 600;
  }

  .debug .message {
    color: var(--soft);
  }

  .message {
    overflow-wrap: anywhere;
    white-space: pre-wrap;
  }

  .chip {
    background: none;
    font-family: inherit;
    cursor: pointer;
  }

  .chip[aria-pressed="true"] {
    border-color: var(--brass);
    background: var(--brass-wash);
    color: var(--brass-ink);
  }

  @media (max-width: 720px) {
    .lines {
      max-height: 60dvh;
    }

    .lines li {
      grid-template-columns: auto auto minmax(0, 1fr);
      padding: var(--space-1) var(--space-4);
    }

    .message {
      grid-column: 1 / -1;
    }
  }
`;
