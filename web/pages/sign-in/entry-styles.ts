import { css } from "lit";

/** The one-column card of sign-in and set-up. */
export const entryStyles = css`
  :host {
    display: block;
    width: min(400px, 100%);
  }

  .brand {
    display: flex;
    align-items: center;
    justify-content: center;
    gap: var(--space-3);
    margin-bottom: var(--space-6);
    font-size: var(--text-20);
    font-weight: 600;
    --mark-size: 32px;
  }

  .card {
    display: grid;
    gap: var(--space-4);
    padding: var(--space-6);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--card);
  }

  h1 {
    font-size: var(--text-20);
  }

  form {
    display: grid;
    gap: var(--space-4);
  }

  p {
    color: var(--soft);
  }

  pre {
    margin: 0;
    padding: var(--space-3);
    overflow-x: auto;
    border: 1px solid var(--line);
    border-radius: var(--radius-small);
    background: var(--ground);
    font-family: var(--font-mono);
    font-size: var(--text-13);
  }

  .problem {
    padding: var(--space-3);
    border: 1px solid color-mix(in oklch, var(--alarm) 50%, transparent);
    border-radius: var(--radius-small);
    color: var(--ink);
    font-size: var(--text-13);
  }

  .button.primary {
    min-height: 44px;
    font-size: var(--text-14);
  }
`;

/** The ways to sign in beside a password. */
export const providerStyles = css`
  .or {
    display: flex;
    align-items: center;
    gap: var(--space-3);
    color: var(--faint);
    font-size: var(--text-12);
  }

  .or::before,
  .or::after {
    content: "";
    flex: 1;
    border-top: 1px solid var(--line);
  }

  .providers {
    display: grid;
    gap: var(--space-2);
  }

  .providers .button {
    justify-content: center;
    min-height: 44px;
    font-size: var(--text-14);
  }
`;
