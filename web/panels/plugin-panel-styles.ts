import { css } from "lit";

/** Panels that plugins declare. */
export const panelStyles = css`
  :host {
    display: block;
    min-width: 0;
  }

  .panel {
    height: 100%;
    overflow: clip;
  }

  header a {
    color: var(--soft);
    font-size: var(--text-13);
    text-decoration: none;
  }

  header a:hover {
    text-decoration: underline;
  }

  .content {
    display: grid;
    gap: var(--space-4);
    justify-items: start;
    padding: var(--space-4);
  }

  .content > bn-schema-form {
    width: 100%;
  }

  .content.row {
    display: flex;
    padding-bottom: 0;
  }

  .note {
    padding: var(--space-4);
    color: var(--soft);
    font-size: var(--text-13);
  }

  .stat {
    padding: var(--space-4);
    color: var(--soft);
  }

  .stat b {
    color: var(--ink);
    font-size: var(--text-28);
    letter-spacing: -0.02em;
  }

  pre {
    max-height: 320px;
    margin: 0;
    padding: var(--space-3) var(--space-4);
    overflow: auto;
    font-family: var(--font-mono);
    font-size: var(--text-12);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
`;
