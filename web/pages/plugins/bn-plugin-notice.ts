import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-status.ts";
import "../../components/bn-time.ts";
import { pluginNeeds } from "../../data/plugin-words.ts";
import type { Plugin } from "../../data/plugins-types.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { baseStyles, controlStyles } from "../../styles/shared.ts";

const MAX_REASON = 3_000;

/** What a plugin needs of a person, over its page: why, since when, and the next step. Fires `release`. */
@customElement("bn-plugin-notice")
export class BnPluginNotice extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    css`
      section {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: center;
        gap: var(--space-2) var(--space-4);
        margin-bottom: var(--space-4);
        padding: var(--space-3) var(--space-4);
        border: 1px solid color-mix(in oklch, var(--watch) 50%, transparent);
        border-radius: var(--radius);
        background: var(--card);
      }

      section.alarm {
        border-color: color-mix(in oklch, var(--alarm) 50%, transparent);
      }

      p {
        margin-top: var(--space-1);
        color: var(--soft);
        font-size: var(--text-13);
        overflow-wrap: anywhere;
      }

      bn-status {
        white-space: normal;
      }

      @media (max-width: 720px) {
        section {
          grid-template-columns: minmax(0, 1fr);
        }

        .button {
          justify-self: start;
        }
      }
    `,
  ];

  @property({ attribute: false }) plugin: Plugin | undefined;
  /** The address of the tab it stands over: a step that leads there is none. */
  @property() here = "";
  /** Offers to release it at once. */
  @property({ type: Boolean, attribute: "can-release" }) canRelease = false;

  protected override render(): unknown {
    const { plugin } = this;
    const [need] = plugin === undefined ? [] : pluginNeeds([plugin]);
    if (plugin === undefined || need === undefined) return nothing;
    const isQuarantined = plugin.quarantine !== null;
    return html`<section class=${need.severity} aria-label="What it needs">
      <div>
        <bn-status level=${need.severity}>${need.title}</bn-status>
        <p>
          ${foreignText(plugin.quarantine?.reason ?? plugin.block?.message ?? need.detail, MAX_REASON)}
          ${need.since === undefined ? nothing : html`<span class="faint"> · <bn-time .at=${need.since}></bn-time></span>`}
        </p>
        ${
          isQuarantined
            ? html`<p>It is started no more until you release it, or until it or this server changes. See the log for its last words.</p>`
            : nothing
        }
      </div>
      ${this.#step(need.action, isQuarantined)}
    </section>`;
  }

  #step(action: { label: string; href: string }, isQuarantined: boolean): unknown {
    if (!isQuarantined)
      return action.href === this.here
        ? nothing
        : html`<a class="button primary" href=${action.href}>${action.label}</a>`;
    if (!this.canRelease) return nothing;
    return html`<button class="button primary" type="button" @click=${() => this.dispatchEvent(new Event("release"))}>
      Release from quarantine
    </button>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-plugin-notice": BnPluginNotice;
  }
}
