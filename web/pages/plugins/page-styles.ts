import { css } from "lit";

/** The list of plugins and what stands around it. */
export const pluginsPageStyles = css`
  header h2 {
    font-size: var(--text-16);
  }

  header .faint {
    font-size: var(--text-13);
  }

  bn-skeleton {
    margin: var(--space-4);
  }

  .drop {
    position: relative;
  }

  .drop.over::after {
    position: absolute;
    z-index: var(--level-sticky);
    inset: 0;
    display: grid;
    place-items: center;
    border: 2px dashed var(--brass);
    border-radius: var(--radius);
    background: color-mix(in oklch, var(--brass-wash) 92%, transparent);
    color: var(--brass-ink);
    font-size: var(--text-16);
    font-weight: 600;
    content: "Drop the archive to install it";
  }

  .teach {
    display: grid;
    grid-template-columns: minmax(0, 2fr) minmax(0, 3fr);
    gap: var(--space-4) var(--space-6);
    padding: var(--space-4);
  }

  .teach p {
    margin-top: var(--space-2);
    color: var(--soft);
    font-size: var(--text-13);
  }

  pre {
    margin: 0;
    padding: var(--space-3) var(--space-4);
    border: 1px solid var(--line);
    border-radius: var(--radius-small);
    background: var(--sunken);
    overflow-x: auto;
    font-family: var(--font-mono);
    font-size: var(--text-12);
    line-height: 1.6;
  }

  .removed {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: var(--space-2) var(--space-4);
    padding: var(--space-2) var(--space-4);
    font-size: var(--text-13);
  }

  .removed + .removed {
    border-top: 1px solid var(--line);
  }

  @media (max-width: 720px) {
    .teach {
      grid-template-columns: minmax(0, 1fr);
    }
  }
`;
