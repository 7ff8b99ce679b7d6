import { css } from "lit";

/** The raised panel of menus and pickers. */
export const popoverStyles = css`
  :host {
    position: relative;
    display: inline-block;
  }

  .panel {
    position: absolute;
    z-index: var(--level-menu);
    top: calc(100% + 6px);
    right: 0;
    min-width: 220px;
    max-width: calc(100vw - 24px);
    padding: var(--space-1);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--raised);
    box-shadow: var(--shadow);
  }

  .item {
    display: flex;
    align-items: center;
    gap: var(--space-3);
    width: 100%;
    min-height: var(--control-height);
    padding: 0 var(--space-3);
    border: 0;
    border-radius: var(--radius-small);
    background: none;
    color: var(--ink);
    font: inherit;
    font-size: var(--text-13);
    text-align: left;
    text-decoration: none;
    cursor: pointer;
  }

  .item:hover,
  .item:focus-visible {
    background: var(--hover);
  }

  .item bn-icon {
    color: var(--soft);
  }

  .item .hint {
    margin-left: auto;
    color: var(--faint);
  }

  .heading {
    padding: var(--space-2) var(--space-3);
    border-bottom: 1px solid var(--line);
    margin-bottom: var(--space-1);
    font-size: var(--text-13);
  }
`;
