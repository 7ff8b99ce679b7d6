import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { nameOf, pluginHref, TYPE_WORDS } from "../../data/plugin-words.ts";
import type { Plugin } from "../../data/plugins-types.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { baseStyles } from "../../styles/shared.ts";

/** What a plugin is, in a row of the list: the way to its own page. */
@customElement("bn-plugin-cell")
export class BnPluginCell extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: grid;
        gap: 1px;
        min-width: 0;
        padding: 9px 0;
      }

      .line {
        display: flex;
        align-items: baseline;
        gap: var(--space-2);
        min-width: 0;
      }

      a {
        overflow: hidden;
        font-weight: 600;
        text-decoration: none;
        text-overflow: ellipsis;
      }

      a:hover {
        text-decoration: underline;
      }

      a:focus-visible {
        outline-offset: -2px;
      }

      .version,
      .origin,
      .about {
        color: var(--faint);
        font-size: var(--text-12);
        font-weight: 400;
      }

      .origin {
        padding: 0 6px;
        border: 1px solid var(--line);
        border-radius: var(--radius-round);
      }

      .about {
        overflow: hidden;
        text-overflow: ellipsis;
      }

      @media (max-width: 720px) {
        :host {
          width: 100%;
          padding: var(--space-1) 0;
        }

        .line {
          flex-wrap: wrap;
          align-items: center;
        }

        a {
          display: inline-flex;
          align-items: center;
          min-height: 44px;
        }
      }
    `,
  ];

  @property({ attribute: false }) plugin: Plugin | undefined;

  protected override render(): unknown {
    const { plugin } = this;
    if (plugin === undefined) return nothing;
    const { id, version, origin, type, description } = plugin;
    return html`<div class="line">
        <a href=${pluginHref(id)}><bdi>${nameOf(plugin)}</bdi></a>
        <span class="version">${foreignText(version, 40)}</span>
        ${origin === "bundled" ? html`<span class="origin" title="Part of this Binnacle, pinned inside the program">bundled</span>` : nothing}
      </div>
      <span class="about">${TYPE_WORDS[type]}${description === "" ? nothing : html` · <bdi>${foreignText(description)}</bdi>`}</span>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-plugin-cell": BnPluginCell;
  }
}
