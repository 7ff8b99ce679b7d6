import { css } from "lit";

/** A setting: what it does beside its value, one under the other on a phone. */
export const settingRowStyles = css`
  :host {
    display: grid;
    grid-template-columns: minmax(0, 1fr) minmax(0, 340px);
    gap: var(--space-2) var(--space-6);
    padding: var(--space-3) var(--space-4) var(--space-3) calc(var(--space-4) - 2px);
    border-left: 2px solid transparent;
  }

  :host([changed]) {
    border-left-color: var(--brass);
    background: color-mix(in oklch, var(--brass-wash) 40%, transparent);
  }

  .about,
  .control {
    display: grid;
    align-content: start;
    gap: var(--space-1);
    min-width: 0;
  }

  .key {
    color: var(--faint);
    font-size: var(--text-12);
    overflow-wrap: anywhere;
  }

  .remark,
  .origin,
  .error {
    display: flex;
    align-items: center;
    gap: var(--space-1);
    font-size: var(--text-12);
  }

  .remark {
    color: var(--watch);
  }

  .remark.planned {
    color: var(--soft);
    --icon-size: 12px;
  }

  .origin {
    flex-wrap: wrap;
    justify-content: space-between;
    min-height: 24px;
    color: var(--faint);
  }

  .origin span {
    display: inline-flex;
    align-items: center;
    gap: var(--space-1);
    min-width: 0;
    overflow-wrap: anywhere;
  }

  .origin bn-icon {
    --icon-size: 12px;
    flex: none;
  }

  .error {
    color: var(--alarm);
  }

  .error[hidden] {
    display: none;
  }

  .switch {
    display: flex;
    align-items: center;
    gap: var(--space-2);
    min-height: var(--control-height);
  }

  /* What has the focus is never hidden behind the bars at the top and the bottom. */
  input,
  select,
  textarea,
  button {
    scroll-margin-block: 160px;
  }

  /* A browser adds these 4 px of its own. */
  select {
    padding-left: calc(var(--space-3) - 4px);
  }

  textarea {
    min-height: 58px;
    padding: var(--space-2) var(--space-3);
    resize: vertical;
  }

  input:disabled,
  select:disabled,
  textarea:disabled {
    border-style: dashed;
    color: var(--soft);
    opacity: 1;
  }

  :host([wide]) {
    grid-template-columns: minmax(0, 1fr);
  }

  @media (max-width: 720px) {
    :host {
      grid-template-columns: minmax(0, 1fr);
    }
  }
`;
