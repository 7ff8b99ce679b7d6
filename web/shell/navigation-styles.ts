import { css } from "lit";

export const navigationStyles = css`
  :host {
    display: block;
    width: var(--navigation-width);
    border-right: 1px solid var(--line);
    background: var(--sunken);
  }

  :host([collapsed]) {
    width: 57px;
  }

  nav {
    position: sticky;
    top: 0;
    display: flex;
    flex-direction: column;
    height: 100dvh;
    padding: 0 var(--space-3) var(--space-3);
  }

  /* Only the entries scroll: the mark stays at the head, the fold at the foot. */
  .groups {
    display: flex;
    flex: 1;
    flex-direction: column;
    gap: var(--space-5);
    min-height: 0;
    padding: 2px var(--space-3);
    margin: 0 calc(-1 * var(--space-3));
    overflow: hidden auto;
    scrollbar-width: thin;
  }

  .more {
    display: none;
  }

  .brand {
    display: flex;
    flex: none;
    align-items: center;
    gap: var(--space-3);
    height: 60px;
    padding: 0 var(--space-2) 0 var(--space-2);
    font-size: var(--text-16);
    font-weight: 600;
    text-decoration: none;
  }

  h2 {
    padding: 0 10px var(--space-1);
    color: var(--faint);
    font-size: var(--text-12);
    font-weight: 500;
  }

  ul {
    display: grid;
    gap: 2px;
  }

  li a,
  .fold {
    position: relative;
    display: flex;
    align-items: center;
    gap: var(--space-3);
    width: 100%;
    min-height: 32px;
    padding: 0 10px;
    border: 0;
    border-radius: var(--radius-small);
    background: none;
    color: var(--soft);
    font: inherit;
    text-align: left;
    text-decoration: none;
    white-space: nowrap;
    cursor: pointer;
  }

  li a:hover,
  .fold:hover {
    background: var(--hover);
    color: var(--ink);
  }

  a[aria-current="page"] {
    background: var(--brass-wash);
    color: var(--ink);
    font-weight: 500;
  }

  a[aria-current="page"]::before {
    position: absolute;
    top: 6px;
    bottom: 6px;
    left: -12px;
    width: 2px;
    background: var(--brass);
    content: "";
  }

  .outside {
    --icon-size: 12px;
    margin-left: auto;
    color: var(--faint);
  }

  .count {
    margin-left: auto;
    color: var(--soft);
    font-size: var(--text-12);
    font-weight: 600;
    font-variant-numeric: tabular-nums;
  }

  .count.watch {
    color: var(--watch);
  }

  .count.alarm {
    color: var(--alarm);
  }

  .fold {
    flex: none;
    margin-top: var(--space-2);
    color: var(--faint);
  }

  :host([collapsed]) .label,
  :host([collapsed]) .outside {
    display: none;
  }

  :host([collapsed]) .brand {
    padding: 0 4px;
  }

  :host([collapsed]) li a,
  :host([collapsed]) .fold {
    padding: 0 8px;
  }

  :host([collapsed]) .count {
    position: absolute;
    top: 0;
    right: 2px;
  }

  @media (max-width: 720px) {
    :host,
    :host([collapsed]) {
      position: fixed;
      z-index: var(--level-bar);
      right: 0;
      bottom: 0;
      left: 0;
      width: auto;
      border-top: 1px solid var(--line);
      border-right: 0;
    }

    nav {
      position: static;
      flex-direction: row;
      gap: 0;
      height: auto;
      padding: 0 0 env(safe-area-inset-bottom);
      overflow: visible;
    }

    .groups,
    section,
    ul {
      display: contents;
    }

    h2,
    .brand,
    .fold,
    .secondary,
    .outside {
      display: none;
    }

    li,
    .more {
      flex: 1;
      min-width: 0;
    }

    .more {
      border: 0;
      background: none;
      color: var(--soft);
      font: inherit;
      cursor: pointer;
    }

    .more,
    li a,
    :host([collapsed]) li a {
      display: flex;
      flex-direction: column;
      align-items: center;
      justify-content: center;
      gap: var(--space-1);
      min-height: 60px;
      padding: 0 2px;
      border-radius: 0;
      font-size: var(--text-12);
    }

    .more bn-icon,
    li a bn-icon {
      --icon-size: 20px;
    }

    :host([collapsed]) li .label,
    li .label {
      display: block;
      max-width: 100%;
      overflow: hidden;
      text-overflow: ellipsis;
    }

    .more.here,
    a[aria-current="page"] {
      background: none;
      color: var(--brass);
      font-weight: 400;
    }

    a[aria-current="page"]::before {
      display: none;
    }

    .count {
      position: absolute;
      top: 6px;
      left: calc(50% + 14px);
    }
  }
`;
