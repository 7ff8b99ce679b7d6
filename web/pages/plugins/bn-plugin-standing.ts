import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-status.ts";
import "../../components/bn-time.ts";
import { HEALTH_WORDS, stateOf } from "../../data/plugin-words.ts";
import type { Plugin } from "../../data/plugins-types.ts";
import { baseStyles } from "../../styles/shared.ts";

/** How far a plugin has come, and how healthy it is: two shapes with their words. */
@customElement("bn-plugin-standing")
export class BnPluginStanding extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: grid;
        gap: 2px;
      }

      .health {
        --size: 12px;
        font-size: var(--text-12);
        font-weight: 500;
      }

      @media (max-width: 720px) {
        :host {
          display: flex;
          flex-wrap: wrap;
          gap: var(--space-2) var(--space-4);
        }
      }
    `,
  ];

  @property({ attribute: false }) plugin: Plugin | undefined;

  protected override render(): unknown {
    const { plugin } = this;
    if (plugin === undefined) return nothing;
    const state = stateOf(plugin);
    const health = HEALTH_WORDS[plugin.health];
    // What was never looked at says nothing worth a line.
    const isChecked = plugin.health !== "unknown";
    // A process that rests is not asked: the verdict is as old as its last check.
    const since = plugin.pid === null ? plugin.healthCheckedAt : null;
    const age = since === null ? nothing : html` · <bn-time .at=${since}></bn-time>`;
    return html`<bn-status level=${state.level}>${state.word}</bn-status>
      ${isChecked ? html`<bn-status class="health" level=${health.level}>${health.word}${age}</bn-status>` : nothing}`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-plugin-standing": BnPluginStanding;
  }
}
