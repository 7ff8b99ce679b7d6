import { css } from "lit";

/** Tables of 36 px rows with a sticky header; on a phone each row becomes a small list. */
export const tableStyles = css`
  .scroll {
    overflow-x: auto;
  }

  .scroll.tall {
    max-height: min(72dvh, 900px);
    overflow: auto;
  }

  tbody tr.space > td {
    padding: 0;
    border: 0;
    background: none;
  }

  table {
    width: 100%;
    border-collapse: separate;
    border-spacing: 0;
    font-size: var(--text-13);
  }

  th,
  td {
    height: var(--row-height);
    padding: 0 var(--space-4);
    border-bottom: 1px solid var(--line);
    text-align: left;
    white-space: nowrap;
  }

  tbody tr:last-child > * {
    border-bottom: 0;
  }

  thead th {
    position: sticky;
    z-index: var(--level-sticky);
    top: 0;
    background: var(--card);
    color: var(--faint);
    font-size: var(--text-12);
    font-weight: 500;
  }

  tbody th {
    font-weight: 500;
  }

  tbody tr:hover > * {
    background: var(--hover);
  }

  .number {
    padding-inline: var(--space-2);
    text-align: right;
  }

  .number:last-child {
    padding-right: var(--space-4);
  }

  td .button {
    min-height: 28px;
  }

  td select {
    width: auto;
    min-height: 28px;
    border-color: var(--line);
    background: var(--card);
  }

  td .row {
    flex-wrap: nowrap;
    justify-content: flex-end;
  }

  bn-status,
  input[type="checkbox"] {
    vertical-align: middle;
  }

  input[type="checkbox"].choose {
    margin-right: var(--space-3);
  }

  .grow {
    width: 99%;
    max-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
  }

  /* Words in a row, of which none may be cut. */
  .wraps {
    display: block;
    min-width: 60ch;
    padding: 6px 0;
    white-space: normal;
  }

  .sort {
    display: inline-flex;
    align-items: center;
    gap: var(--space-1);
    min-height: 24px;
    padding: 0;
    border: 0;
    background: none;
    color: inherit;
    font: inherit;
    cursor: pointer;
  }

  .sort:hover {
    color: var(--ink);
  }

  @media (max-width: 720px) {
    thead {
      position: absolute;
      width: 1px;
      height: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }

    .wraps {
      min-width: 0;
    }

    /* What a phone's list can be sorted by stands in one line above it. */
    thead.sorts {
      position: static;
      display: block;
      width: auto;
      height: auto;
      overflow-x: auto;
      border-bottom: 1px solid var(--line);
      clip-path: none;
    }

    thead.sorts tr {
      display: flex;
      align-items: center;
      gap: var(--space-4);
      padding: 0 var(--space-4);
    }

    thead.sorts tr::before {
      color: var(--faint);
      font-size: var(--text-12);
      white-space: nowrap;
      content: "Sort by";
    }

    thead.sorts th {
      position: static;
      width: auto;
      max-width: none;
      height: auto;
      padding: 0;
      border: 0;
      background: none;
    }

    thead.sorts th:not(:has(.sort)) {
      position: absolute;
      width: 1px;
      height: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }

    thead.sorts th[aria-sort] {
      color: var(--ink);
    }

    .sort {
      min-height: 44px;
    }

    table,
    tbody,
    tbody tr {
      display: block;
    }

    tbody tr {
      position: relative;
      display: flex;
      flex-wrap: wrap;
      gap: 0 var(--space-4);
      padding: var(--space-2) var(--space-4);
      border-bottom: 1px solid var(--line);
    }

    td .button,
    td select {
      min-height: 44px;
    }

    td .row {
      flex-wrap: wrap;
      justify-content: flex-start;
    }

    /* Their words stand under the name, not their invisible edges. */
    td[data-label=""] {
      margin-left: calc(-1 * var(--space-5));
    }

    tbody tr:last-child {
      border-bottom: 0;
    }

    tbody tr > * {
      display: flex;
      align-items: center;
      gap: var(--space-2);
      width: auto;
      max-width: none;
      height: auto;
      min-height: 24px;
      padding: 0;
      border: 0;
      text-align: left;
      white-space: normal;
      overflow-wrap: anywhere;
    }

    tbody tr > *::before {
      flex: none;
      color: var(--faint);
      content: attr(data-label);
    }

    tbody tr > th {
      flex: 1 0 100%;
      font-size: var(--text-14);
    }

    tbody tr > .number {
      padding: 0;
    }

    tbody tr > .grow {
      width: auto;
      max-width: none;
    }

    /* What the row is about needs no word before it. */
    tbody tr > td.grow {
      flex: 1 0 100%;
      order: -1;
    }

    tbody tr > td.grow::before {
      content: none;
    }

    tbody tr > th {
      order: -2;
    }

    tbody tr > .menu {
      position: absolute;
      top: 0;
      right: 0;
      margin: 0;
    }

    tbody tr:has(> .menu) > th {
      padding-right: 44px;
    }

    tbody tr > .secondary,
    tbody th::before {
      display: none;
    }
  }
`;
