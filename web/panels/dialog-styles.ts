import { css } from "lit";

/** Forms inside dialogs. */
export const dialogFormStyles = css`
  form,
  .done {
    display: grid;
    gap: var(--space-4);
  }

  footer {
    display: flex;
    flex-wrap: wrap;
    justify-content: flex-end;
    gap: var(--space-2);
    margin-top: var(--space-2);
  }

  fieldset {
    margin: 0;
    padding: 0;
    border: 0;
  }

  legend {
    padding: 0;
    margin-bottom: var(--space-2);
    font-size: var(--text-13);
    font-weight: 500;
  }

  .problem {
    padding: var(--space-3);
    border: 1px solid color-mix(in oklch, var(--alarm) 50%, transparent);
    border-radius: var(--radius-small);
    font-size: var(--text-13);
  }

  .error {
    color: var(--alarm);
    font-size: var(--text-12);
  }

  .secret {
    padding: var(--space-3);
    border: 1px solid var(--line);
    border-radius: var(--radius-small);
    background: var(--ground);
    font-family: var(--font-mono);
    font-size: var(--text-13);
    overflow-wrap: anywhere;
    user-select: all;
  }
`;
