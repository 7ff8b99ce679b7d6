import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { nameOf } from "../../data/plugin-words.ts";
import type { Plugin } from "../../data/plugins-types.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { baseStyles, layoutStyles } from "../../styles/shared.ts";
import { tabHref } from "./filters.ts";

const MAX_TEXT = 160;

/** The ways there are to tell somebody: the plugins that send alerts. */
@customElement("bn-channel-kinds")
export class BnChannelKinds extends LitElement {
  static override styles = [
    baseStyles,
    layoutStyles,
    css`
      ul {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 240px), 1fr));
        gap: var(--space-3);
        padding: var(--space-4);
      }

      a {
        display: grid;
        gap: 2px;
        height: 100%;
        padding: var(--space-3) var(--space-4);
        border: 1px solid var(--line);
        border-radius: var(--radius);
        text-decoration: none;
        align-content: start;
      }

      a:hover {
        border-color: var(--brass);
        background: var(--hover);
      }

      b {
        font-weight: 600;
      }

      span,
      p {
        color: var(--soft);
        font-size: var(--text-13);
      }

      p {
        padding: var(--space-4);
      }
    `,
  ];

  @property({ attribute: false }) kinds: readonly Plugin[] = [];

  protected override render(): unknown {
    if (this.kinds.length === 0)
      return html`<p>There is no plugin that sends alerts. <a href="/plugins">Install one</a>, and it can be chosen here.</p>`;
    return html`<ul aria-label="Kinds of channels">
      ${this.kinds.map(
        (plugin) =>
          html`<li>
            <a href=${tabHref("routing", { edit: "channel:new", plugin: plugin.id })}>
              <b><bdi>${nameOf(plugin)}</bdi></b><span><bdi>${foreignText(plugin.description, MAX_TEXT)}</bdi></span>
            </a>
          </li>`,
      )}
    </ul>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-channel-kinds": BnChannelKinds;
  }
}
