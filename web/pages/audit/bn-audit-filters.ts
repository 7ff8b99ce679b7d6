import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-icon.ts";
import { AUDIT_FILTERS, type AuditFilter, type AuditFilterName } from "../../data/audit.ts";
import { baseStyles, controlStyles } from "../../styles/shared.ts";
import { chipValue, FILTER_WORDS, isFiltered, PERIODS } from "./audit-words.ts";

const HOUR_MS = 3_600_000;
const FIELDS = ["text", "actor", "action", "target"] as const satisfies readonly AuditFilterName[];
const HINTS = {
  text: "Any word of a row",
  actor: "A user’s name",
  action: "user.create, or user for all",
  target: "An id or a name",
} as const;

/** What is searched for, as chips, and what adds to it. Fires `change` (CustomEvent<AuditFilter>: all of it). */
@customElement("bn-audit-filters")
export class BnAuditFilters extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    css`
      :host {
        display: grid;
        gap: var(--space-3);
        padding: var(--space-3) var(--space-4);
        border-bottom: 1px solid var(--line);
      }

      form,
      ul {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--space-2);
        margin: 0;
        padding: 0;
        list-style: none;
      }

      select {
        width: auto;
      }

      .words {
        flex: 1 1 200px;
        width: auto;
        max-width: 360px;
      }

      .chip {
        display: inline-flex;
        align-items: center;
        gap: var(--space-1);
        max-width: 100%;
        min-height: 28px;
        padding: 0 0 0 var(--space-3);
        border: 1px solid var(--line);
        border-radius: var(--radius-round);
        background: var(--ground);
        font-size: var(--text-12);
      }

      .chip b {
        overflow: hidden;
        font-weight: 600;
        text-overflow: ellipsis;
        white-space: nowrap;
      }

      .chip button {
        display: grid;
        place-items: center;
        width: 28px;
        height: 28px;
        padding: 0;
        border: 0;
        border-radius: var(--radius-round);
        background: none;
        color: var(--soft);
        cursor: pointer;
      }

      .chip button:hover {
        color: var(--ink);
      }

      @media (max-width: 720px) {
        form select {
          flex: 1 1 40%;
        }

        form .words {
          flex: 1 1 55%;
          max-width: none;
        }

        .chip button {
          width: 44px;
          height: 44px;
        }
      }
    `,
  ];

  @property({ attribute: false }) filter: AuditFilter = {};

  #change(changes: Partial<Record<AuditFilterName, string | undefined>>): void {
    const merged = Object.entries({ ...this.filter, ...changes }).filter(([, value]) => value);
    this.dispatchEvent(new CustomEvent("change", { detail: Object.fromEntries(merged) }));
  }

  #add(event: SubmitEvent): void {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement)) return;
    const fields = new FormData(event.target);
    const name = FIELDS.find((field) => field === fields.get("field")) ?? "text";
    const value = String(fields.get("words")).trim();
    if (value === "") return;
    event.target.reset();
    this.#change({ [name]: value });
  }

  #choosePeriod(event: Event): void {
    if (!(event.target instanceof HTMLSelectElement)) return;
    const chosen = event.target.value;
    const { hours } = PERIODS.find(({ label }) => label === chosen) ?? PERIODS[0];
    const from = hours === undefined ? undefined : new Date(Date.now() - hours * HOUR_MS).toISOString();
    this.#change({ from, to: undefined });
  }

  #chooseOutcome(event: Event): void {
    if (event.target instanceof HTMLSelectElement) this.#change({ outcome: event.target.value || undefined });
  }

  #hint(event: Event): void {
    if (!(event.target instanceof HTMLSelectElement)) return;
    const field = FIELDS.find((name) => name === (event.target as HTMLSelectElement).value) ?? "text";
    this.renderRoot.querySelector<HTMLInputElement>(".words")?.setAttribute("placeholder", HINTS[field]);
  }

  #chips(): unknown {
    const active = AUDIT_FILTERS.filter((name) => this.filter[name] !== undefined);
    return html`<ul aria-label="Filters">
      ${active.map((name) => {
        const shown = chipValue(name, this.filter[name] ?? "");
        return html`<li class="chip">
          ${FILTER_WORDS[name]} <b title=${shown}>${shown}</b>
          <button type="button" aria-label="Remove ${FILTER_WORDS[name]} ${shown}" @click=${() => this.#change({ [name]: undefined })}>
            <bn-icon name="close"></bn-icon>
          </button>
        </li>`;
      })}
      <li>
        <button
          class="button quiet"
          type="button"
          @click=${() => this.dispatchEvent(new CustomEvent("change", { detail: {} }))}
        >
          Clear all
        </button>
      </li>
    </ul>`;
  }

  protected override render(): unknown {
    const outcomes = [
      ["", "Any outcome"],
      ["ok", "Done"],
      ["denied", "Denied"],
    ] as const;
    return html`<form role="search" @submit=${this.#add}>
        <select name="field" aria-label="Search in" @change=${this.#hint}>
          ${FIELDS.map((name) => html`<option value=${name}>${FILTER_WORDS[name]}</option>`)}
        </select>
        <input class="words" name="words" aria-label="Search for" placeholder=${HINTS.text} maxlength="200" autocomplete="off" />
        <button class="button" type="submit"><bn-icon name="search"></bn-icon>Search</button>
        <select aria-label="Outcome" @change=${this.#chooseOutcome}>
          ${outcomes.map(
            ([value, label]) =>
              html`<option value=${value} ?selected=${value === (this.filter.outcome ?? "")}>${label}</option>`,
          )}
        </select>
        <select aria-label="Period" @change=${this.#choosePeriod}>
          ${this.filter.from === undefined ? nothing : html`<option selected disabled>As chosen</option>`}
          ${PERIODS.map(
            ({ label, hours }) =>
              html`<option ?selected=${hours === undefined && this.filter.from === undefined}>${label}</option>`,
          )}
        </select>
      </form>
      ${isFiltered(this.filter) ? this.#chips() : nothing}`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-audit-filters": BnAuditFilters;
  }
}
