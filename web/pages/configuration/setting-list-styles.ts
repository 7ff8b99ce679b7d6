import { css } from "lit";

/** The page of settings: search bar, sections beside their list. */
export const settingListStyles = css`
  .bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--space-3);
    margin-bottom: var(--space-4);
  }

  .bar input {
    flex: 1 1 220px;
    max-width: 420px;
    background: var(--card);
  }

  .bar .button {
    margin-left: auto;
  }

  .columns {
    display: grid;
    grid-template-columns: 180px minmax(0, 1fr);
    align-items: start;
    gap: var(--space-5);
  }

  nav {
    position: sticky;
    top: calc(var(--top-bar-height) + var(--space-4));
    display: grid;
    gap: 1px;
    max-height: calc(100dvh - var(--top-bar-height) - var(--space-5));
    overflow-y: auto;
  }

  nav button {
    min-height: 28px;
    padding: 3px var(--space-2);
    border: 0;
    border-radius: var(--radius-small);
    background: none;
    color: var(--soft);
    font-family: inherit;
    font-size: var(--text-12);
    line-height: 1.3;
    text-align: left;
    cursor: pointer;
  }

  nav button:hover {
    background: var(--hover);
    color: var(--ink);
  }

  section.panel {
    overflow: clip;
    scroll-margin-top: calc(var(--top-bar-height) + var(--space-4));
  }

  bn-setting-row + bn-setting-row {
    border-top: 1px solid var(--line);
  }

  @media (max-width: 1100px) {
    .columns {
      grid-template-columns: minmax(0, 1fr);
    }

    nav {
      display: none;
    }
  }

  @media (max-width: 720px) {
    .bar input {
      flex-basis: 0;
    }

    .bar [role="status"] {
      flex-basis: 100%;
      order: 1;
    }

    .bar [role="status"]:empty {
      display: none;
    }
  }
`;
