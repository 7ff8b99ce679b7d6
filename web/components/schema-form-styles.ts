import { css } from "lit";

/** Fields of a generated form: groups are set in, lists have their rows. */
export const schemaFormStyles = css`
  form,
  .fields {
    display: grid;
    gap: var(--space-4);
    min-width: 0;
    max-width: 720px;
  }

  fieldset {
    min-width: 0;
    margin: 0;
    padding: var(--space-4);
    border: 1px solid var(--line);
    border-radius: var(--radius-small);
  }

  fieldset > legend {
    padding: 0 var(--space-2);
    margin-left: calc(-1 * var(--space-2));
    font-size: var(--text-13);
    font-weight: 600;
  }

  fieldset > .help {
    margin-bottom: var(--space-3);
  }

  .list {
    display: grid;
    gap: var(--space-2);
    justify-items: start;
  }

  .entry {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    align-items: start;
    gap: var(--space-2);
    width: 100%;
  }

  /* Beside the control, not beside its label. */
  .single > .button {
    margin-top: 23px;
  }

  textarea {
    min-height: 84px;
    padding: var(--space-2) var(--space-3);
    font-size: var(--text-13);
    line-height: 1.5;
    resize: vertical;
  }

  textarea.json {
    font-family: var(--font-mono);
  }

  .switch {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    align-items: start;
    gap: 2px var(--space-2);
    font-size: var(--text-13);
  }

  .switch input {
    margin-top: 2px;
  }

  .switch > label {
    font-weight: 500;
  }

  .switch > .help,
  .switch > .error {
    grid-column: 2;
  }

  .choices {
    display: flex;
    flex-wrap: wrap;
    gap: var(--space-2) var(--space-4);
  }

  .choices label {
    display: inline-flex;
    align-items: center;
    gap: var(--space-2);
    font-size: var(--text-13);
  }

  .help,
  .error,
  .note {
    font-size: var(--text-12);
    overflow-wrap: anywhere;
  }

  .help,
  .note {
    color: var(--faint);
  }

  .note {
    display: block;
    margin-top: var(--space-1);
  }

  .note bn-icon {
    --icon-size: 13px;
    margin-right: 6px;
    vertical-align: -2px;
  }

  .error {
    color: var(--alarm);
  }

  @media (max-width: 720px) {
    fieldset {
      padding: var(--space-3);
    }

    .choices label,
    .switch > label {
      min-height: 44px;
      display: inline-flex;
      align-items: center;
    }

    .switch input {
      margin-top: 14px;
    }
  }
`;
