import { css } from "lit";

/** The review of permissions: added and removed by word, colour and line. */
export const permissionStyles = css`
  .standing {
    padding: var(--space-3) var(--space-4);
    border-bottom: 1px solid var(--line);
  }

  .standing p {
    margin-top: 2px;
    color: var(--soft);
    font-size: var(--text-13);
  }

  .kinds > li {
    display: grid;
    grid-template-columns: 220px minmax(0, 1fr);
    gap: var(--space-2) var(--space-6);
    padding: var(--space-3) var(--space-4);
  }

  .kinds > li + li {
    border-top: 1px solid var(--line);
  }

  .kind p {
    color: var(--faint);
    font-size: var(--text-12);
  }

  .kind h3 {
    font-size: var(--text-13);
  }

  .grants {
    display: grid;
    gap: var(--space-2);
  }

  .grants li {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 2px var(--space-3);
    padding-left: var(--space-3);
    border-left: 2px solid var(--line);
    font-size: var(--text-13);
    overflow-wrap: anywhere;
  }

  .grants li.added,
  .files li.added {
    border-left-color: var(--watch);
  }

  .grants li.removed {
    border-left-color: var(--calm);
  }

  .grants .removed code,
  .files .removed code:first-child {
    color: var(--soft);
    text-decoration: line-through;
  }

  .now {
    flex-basis: 100%;
    font-family: var(--font-mono);
    font-size: var(--text-12);
    overflow-wrap: anywhere;
  }

  .why {
    flex-basis: 100%;
    color: var(--soft);
  }

  .mark {
    font-size: var(--text-12);
    font-weight: 600;
  }

  .added .mark,
  .changed .mark {
    color: var(--watch);
  }

  .removed .mark {
    color: var(--calm);
  }

  .same .mark {
    color: var(--faint);
    font-weight: 400;
  }

  details {
    border-top: 1px solid var(--line);
  }

  summary {
    padding: var(--space-3) var(--space-4);
    color: var(--soft);
    font-size: var(--text-13);
    cursor: pointer;
  }

  .files li {
    display: grid;
    grid-template-columns: minmax(0, 1fr) 90px 80px 110px;
    gap: var(--space-2) var(--space-3);
    padding: 6px var(--space-4);
    border-top: 1px solid var(--line);
    font-size: var(--text-13);
  }

  .agreement {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: var(--space-3) var(--space-6);
    padding: var(--space-4);
    border-color: var(--brass);
  }

  .agreement p {
    flex: 1 1 320px;
    max-width: 70ch;
    font-size: var(--text-13);
  }

  .decisions li {
    display: grid;
    grid-template-columns: minmax(0, 220px) 120px minmax(0, 1fr);
    gap: var(--space-3);
    padding: var(--space-2) var(--space-4);
    font-size: var(--text-13);
  }

  .decisions li + li {
    border-top: 1px solid var(--line);
  }

  @media (max-width: 720px) {
    .kinds > li {
      grid-template-columns: minmax(0, 1fr);
    }

    .files li {
      grid-template-columns: auto auto minmax(0, 1fr);
    }

    .files li > :first-child {
      grid-column: 1 / -1;
    }

    summary {
      min-height: 44px;
    }

    .agreement .button {
      width: 100%;
    }

    .decisions li {
      grid-template-columns: minmax(0, 1fr) auto;
    }
  }
`;
