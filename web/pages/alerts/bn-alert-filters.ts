import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { filterChips } from "../../components/filter-chips.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { chipStyles } from "../../styles/chips.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import { type AlertQuery, alertsHref, readAlertQuery, SEVERITY_CHOICES, STATE_CHOICES } from "./filters.ts";

const MAX_TYPE_SHOWN = 60;

/** Which alerts the list shows. Chips are links; the form fires `filter` (CustomEvent<AlertQuery>). */
@customElement("bn-alert-filters")
export class BnAlertFilters extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    layoutStyles,
    chipStyles,
    css`
      select {
        width: auto;
        max-width: 150px;
        min-height: 30px;
        font-size: var(--text-13);
      }

      @media (max-width: 720px) {
        select {
          width: 100%;
          max-width: none;
          min-height: 44px;
        }
      }
    `,
  ];

  @property({ attribute: false }) query: AlertQuery = readAlertQuery(new URLSearchParams());
  /** Types there are to choose from. */
  @property({ attribute: false }) types: readonly string[] = [];

  #search(event: SubmitEvent): void {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement)) return;
    const fields = new FormData(event.target);
    const detail = { ...this.query, q: String(fields.get("q")).trim(), type: String(fields.get("type")) };
    this.dispatchEvent(new CustomEvent("filter", { detail, bubbles: true, composed: true }));
  }

  protected override render(): unknown {
    const { state, severity, type, q } = this.query;
    const types = [...new Set([...this.types, type])].filter((one) => one !== "").sort();
    return html`<div class="filters">
      ${filterChips("State", STATE_CHOICES, state, (id) => alertsHref(this.query, { state: id }))}
      ${filterChips("Severity", SEVERITY_CHOICES, severity, (id) => alertsHref(this.query, { severity: id }))}
      <form
        class="row end"
        role="search"
        @submit=${this.#search}
        @change=${(event: Event) => {
          if (event.currentTarget instanceof HTMLFormElement) event.currentTarget.requestSubmit();
        }}
      >
        <select name="type" aria-label="Type">
          <option value="" ?selected=${type === ""}>Every type</option>
          ${types.map((one) => html`<option value=${one} ?selected=${one === type}>${foreignText(one, MAX_TYPE_SHOWN)}</option>`)}
        </select>
        <input type="search" name="q" aria-label="Search alerts" placeholder="Search message, type, label" maxlength="200" .value=${q} />
      </form>
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-alert-filters": BnAlertFilters;
  }
}
