import { css } from "lit";
import { sampleStyles } from "../../styles/sample.ts";

/** What the lists and details of the page share. */
export const performanceStyles = [
  sampleStyles,
  css`
  .stack {
    grid-template-columns: minmax(0, 1fr);
  }

  .note {
    padding: var(--space-3) var(--space-4);
    color: var(--faint);
    font-size: var(--text-12);
  }

  .more {
    padding: var(--space-3) var(--space-4);
  }
`,
];
