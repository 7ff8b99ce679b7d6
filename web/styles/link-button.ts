import { css } from "lit";

/** A button that reads as a link within a sentence; a finger has room on a phone. */
export const linkButtonStyles = css`
  .link {
    padding: 0;
    border: 0;
    background: none;
    color: var(--brass-ink);
    font: inherit;
    text-decoration: underline;
    text-underline-offset: 2px;
    cursor: pointer;
  }

  @media (max-width: 720px) {
    .link {
      display: inline-flex;
      align-items: center;
      min-height: 44px;
    }
  }
`;
