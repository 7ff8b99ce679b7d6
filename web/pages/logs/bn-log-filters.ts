import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { MAX_LOG_QUERY_LENGTH } from "../../../schema/rules/log-query.ts";
import "../../components/bn-icon.ts";
import { LOG_LEVELS, type LogLevel, type LogSource } from "../../data/logs.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { chipStyles } from "../../styles/chips.ts";
import { baseStyles, controlStyles } from "../../styles/shared.ts";
import type { LogsAddress } from "./address.ts";
import { filterStyles } from "./filter-styles.ts";

const MAX_SHOWN = 60;
const LANGUAGE: readonly (readonly [example: string, meaning: string])[] = [
  ["timeout", "that word, in any case, in the message or a field"],
  ["time*", "a word that begins so"],
  ['"connection reset"', "these words one after the other"],
  ["10.0.3.21", "that address: marks join the words between them"],
  ["status=502", "a field that has exactly that value"],
  ["-healthz", "lines without it; also -status=200"],
];

/** What lines are shown, as chips, and what adds to it. Fires `change` (CustomEvent<Partial<LogsAddress>>). */
@customElement("bn-log-filters")
export class BnLogFilters extends LitElement {
  static override styles = [baseStyles, controlStyles, chipStyles, filterStyles];

  @property({ attribute: false }) address: LogsAddress | undefined;
  @property({ attribute: false }) sources: readonly LogSource[] = [];
  /** What is wrong with the search, in a sentence. */
  @property() problem = "";
  @state() private isHelping = false;

  /** Puts the focus into the search. */
  override focus(): void {
    const field = this.renderRoot.querySelector<HTMLInputElement>(".search");
    field?.focus();
    field?.select();
  }

  #change(change: Partial<LogsAddress>): void {
    this.dispatchEvent(new CustomEvent("change", { detail: change }));
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement)) return;
    const fields = new FormData(event.target);
    const correlationId = String(fields.get("correlation")).trim();
    this.#change({
      text: String(fields.get("text")),
      ...(correlationId === "" ? {} : { correlationId, at: undefined }),
    });
    const field = this.renderRoot.querySelector<HTMLInputElement>(".correlation");
    if (field !== null) field.value = "";
  }

  #toggleLevel(level: LogLevel): void {
    const chosen = this.address?.levels ?? [];
    const levels = LOG_LEVELS.filter((one) => (one === level) !== chosen.includes(one));
    this.#change({ levels: levels.length === LOG_LEVELS.length ? [] : levels });
  }

  #addSource({ target }: Event): void {
    if (!(target instanceof HTMLSelectElement) || target.value === "") return;
    this.#change({ sources: [...(this.address?.sources ?? []), target.value] });
    target.value = "";
  }

  #chip(label: string, value: string, removed: Partial<LogsAddress>): unknown {
    const shown = foreignText(value, MAX_SHOWN);
    return html`<span class="chip set"
      >${label} <b title=${shown}>${shown}</b
      ><button type="button" aria-label="Remove ${label} ${shown}" @click=${() => this.#change(removed)}>
        <bn-icon name="close"></bn-icon></button
    ></span>`;
  }

  #chips(address: LogsAddress): unknown {
    const { levels, sources, text, correlationId, traceId, at } = address;
    return html`<div class="chips" role="group" aria-label="Filters">
      ${LOG_LEVELS.toReversed().map(
        (level) =>
          html`<button
            class="chip"
            type="button"
            aria-pressed=${String(levels.includes(level))}
            @click=${() => this.#toggleLevel(level)}
          >
            ${level}
          </button>`,
      )}
      ${sources.map((name) =>
        this.#chip("Source", name, { sources: sources.filter((other) => other !== name) }),
      )}
      ${text === "" ? nothing : this.#chip("Search", text, { text: "" })}
      ${correlationId === "" ? nothing : this.#chip("Correlation", correlationId, { correlationId: "" })}
      ${traceId === "" ? nothing : this.#chip("Trace", traceId, { traceId: "" })}
      ${at === undefined ? nothing : this.#chip("Around line", String(at), { at: undefined })}
    </div>`;
  }

  #help(): unknown {
    return html`<div class="help" id="language">
      <dl>
        ${LANGUAGE.map(([example, meaning]) => html`<dt><code>${example}</code></dt><dd>${meaning}</dd>`)}
      </dl>
      <p>All that is written must hold.</p>
    </div>`;
  }

  protected override render(): unknown {
    const { address } = this;
    if (address === undefined) return nothing;
    const offered = this.sources.filter(({ name }) => !address.sources.includes(name));
    return html`<form role="search" @submit=${this.#submit}>
        <input
          class="search"
          type="search"
          name="text"
          aria-label="Search log lines"
          placeholder='timeout "connection reset" status=502 -healthz'
          maxlength=${MAX_LOG_QUERY_LENGTH}
          autocomplete="off"
          spellcheck="false"
          aria-invalid=${String(this.problem !== "")}
          .value=${address.text}
        />
        <button
          class="button quiet icon-only"
          type="button"
          aria-label="How to search"
          aria-expanded=${String(this.isHelping)}
          @click=${() => {
            this.isHelping = !this.isHelping;
          }}
        >
          ?
        </button>
        <select aria-label="Source" @change=${this.#addSource}>
          <option value="">${address.sources.length === 0 ? "Every source" : "Another source"}</option>
          ${offered.map(({ name }) => html`<option value=${name}>${foreignText(name, MAX_SHOWN)}</option>`)}
        </select>
        <input
          class="correlation"
          name="correlation"
          aria-label="Correlation id"
          placeholder="Jump to correlation id"
          maxlength="128"
          autocomplete="off"
          spellcheck="false"
        />
        <button class="button submit" type="submit"><bn-icon name="search"></bn-icon>Search</button>
      </form>
      ${this.problem === "" ? nothing : html`<p class="problem" role="alert">${this.problem}</p>`}
      ${this.isHelping ? this.#help() : nothing} ${this.#chips(address)}`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-log-filters": BnLogFilters;
  }
}
