import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
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

  #chips(label: string, choices: typeof STATE_CHOICES, present: string, name: "state" | "origin"): unknown {
    const current = choices.some(({ id }) => id === present) ? present : "";
    return html`<nav class="chips" aria-label=${label}>
      ${choices.map(
        (choice) =>
          html`<a
            class="chip"
            href=${pluginsHref(this.query, { [name]: choice.id })}
            aria-current=${choice.id === current ? "true" : nothing}
            >${choice.label}</a
          >`,
      )}
    </nav>`;
  }

  protected override render(): unknown {
    const { state: present, type, origin, q } = this.query;
    return html`<div class="filters">
      ${this.#chips("State", STATE_CHOICES, present, "state")} ${this.#chips("Origin", ORIGIN_CHOICES, origin, "origin")}
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
