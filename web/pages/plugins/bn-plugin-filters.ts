import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { filterChips } from "../../components/filter-chips.ts";
import { chipStyles } from "../../styles/chips.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import {
  ORIGIN_CHOICES,
  type PluginQuery,
  pluginsHref,
  readPluginQuery,
  STATE_CHOICES,
  TYPE_CHOICES,
} from "./filters.ts";

/** Which plugins the list shows. Chips are links; the form fires `filter` (CustomEvent<PluginQuery>). */
@customElement("bn-plugin-filters")
export class BnPluginFilters extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    layoutStyles,
    chipStyles,
    css`
      select {
        width: auto;
        min-height: 30px;
        font-size: var(--text-13);
      }

      @media (max-width: 720px) {
        select {
          width: 100%;
          min-height: 44px;
        }
      }
    `,
  ];

  @property({ attribute: false }) query: PluginQuery = readPluginQuery(new URLSearchParams());

  #search(event: SubmitEvent): void {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement)) return;
    const fields = new FormData(event.target);
    const detail = { ...this.query, q: String(fields.get("q")).trim(), type: String(fields.get("type")) };
    this.dispatchEvent(new CustomEvent("filter", { detail }));
  }

  protected override render(): unknown {
    const { state: present, type, origin, q } = this.query;
    return html`<div class="filters">
      ${filterChips("State", STATE_CHOICES, present, (id) => pluginsHref(this.query, { state: id }))} ${filterChips("Origin", ORIGIN_CHOICES, origin, (id) => pluginsHref(this.query, { origin: id }))}
      <form
        class="row end"
        role="search"
        @submit=${this.#search}
        @change=${(event: Event) => {
          if (event.currentTarget instanceof HTMLFormElement) event.currentTarget.requestSubmit();
        }}
      >
        <select name="type" aria-label="Type">
          ${TYPE_CHOICES.map(({ id, label }) => html`<option value=${id} ?selected=${id === type}>${label}</option>`)}
        </select>
        <input type="search" name="q" aria-label="Search plugins" placeholder="Search name, text, permission" maxlength="200" .value=${q} />
      </form>
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-plugin-filters": BnPluginFilters;
  }
}
