import { css } from "lit";

export const appStyles = css`
  :host {
    display: block;
    min-height: 100dvh;
  }

  .frame {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    min-height: 100dvh;
  }

  .side {
    min-width: 0;
  }

  main {
    max-width: var(--content-width);
    padding: var(--space-5) var(--space-6) var(--space-8);
  }

  main:focus-visible {
    outline: none;
  }

  .alone {
    display: grid;
    place-items: center;
    max-width: none;
    min-height: 100dvh;
    padding: var(--space-4);
  }

  /* A server that answers as usual is not waited for visibly. */
  .waiting {
    color: var(--soft);
    opacity: 0;
    animation: appear 1ms 1s forwards;
  }

  @keyframes appear {
    to {
      opacity: 1;
    }
  }

  .panel {
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--card);
  }

  .missing {
    display: grid;
    justify-items: start;
    gap: var(--space-3);
    padding: var(--space-6);
  }

  .skip {
    position: absolute;
    z-index: var(--level-toast);
    top: -100px;
    left: var(--space-3);
  }

  .skip:focus {
    top: var(--space-2);
  }

  bn-skeleton {
    height: 60dvh;
  }

  @media (max-width: 720px) {
    .frame {
      display: block;
    }

    main {
      padding: var(--space-4) var(--space-3) calc(84px + env(safe-area-inset-bottom));
    }

    .alone {
      padding-bottom: var(--space-4);
    }
  }
`;
