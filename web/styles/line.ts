import { css } from "lit";

/** A panel's lines: words on the left, the control beside them, beneath them where it is narrow. */
export const lineStyles = css`
  .line {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: var(--space-3);
    padding: var(--space-3) var(--space-4);
  }

  .line + .line {
    border-top: 1px solid var(--line);
  }

  .line p {
    color: var(--soft);
    font-size: var(--text-13);
  }

  fieldset {
    display: flex;
    flex-wrap: wrap;
    gap: var(--space-4);
    margin: 0;
    padding: 0;
    border: 0;
  }

  fieldset label {
    display: inline-flex;
    align-items: center;
    gap: var(--space-2);
    min-height: var(--control-height);
  }
`;
