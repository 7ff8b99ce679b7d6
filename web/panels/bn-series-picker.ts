import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../components/bn-error.ts";
import "../components/bn-icon.ts";
import "../components/bn-skeleton.ts";
import { Load } from "../controllers/load.ts";
import type { Metrics } from "../data/metrics.ts";
import type { SeriesRecord } from "../data/types.ts";
import { familyTitle } from "../lib/series-key.ts";
import { baseStyles, controlStyles, layoutStyles } from "../styles/shared.ts";

/** All series by family, searchable; chosen ones are ticked. Fires `toggle-series` (CustomEvent<key>). */
@customElement("bn-series-picker")
export class BnSeriesPicker extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    layoutStyles,
    css`
      .panel {
        display: flex;
        flex-direction: column;
        max-height: var(--picker-height, calc(100dvh - 108px));
      }

      .search {
        padding: var(--space-3);
        border-bottom: 1px solid var(--line);
      }

      .list {
        flex: 1;
        min-height: 0;
        padding: var(--space-2);
        overflow: auto;
      }

      summary {
        display: flex;
        align-items: center;
        gap: var(--space-2);
        min-height: 32px;
        padding: 0 var(--space-2);
        border-radius: var(--radius-small);
        font-size: var(--text-13);
        font-weight: 500;
        list-style: none;
        cursor: pointer;
      }

      summary:hover,
      label:hover {
        background: var(--hover);
      }

      summary bn-icon {
        --icon-size: 14px;
        color: var(--faint);
        transition: rotate var(--duration-calm);
      }

      details[open] summary bn-icon {
        rotate: 90deg;
      }

      summary .unit {
        margin-left: auto;
        color: var(--faint);
        font-size: var(--text-12);
        font-weight: 400;
      }

      .help {
        padding: 0 var(--space-2) var(--space-1) 30px;
        color: var(--faint);
        font-size: var(--text-12);
      }

      label {
        display: flex;
        align-items: center;
        gap: var(--space-2);
        min-height: 30px;
        padding: 0 var(--space-2) 0 30px;
        border-radius: var(--radius-small);
        color: var(--soft);
        font-family: var(--font-mono);
        font-size: var(--text-12);
        overflow-wrap: anywhere;
        cursor: pointer;
      }

      input[type="checkbox"]:disabled {
        cursor: not-allowed;
      }

      .place {
        display: grid;
        gap: var(--space-4);
        padding: var(--space-4);
      }

      @media (max-width: 720px) {
        summary,
        label {
          min-height: 44px;
        }
      }
    `,
  ];

  @property({ attribute: false }) metrics: Metrics | undefined;
  @property({ attribute: false }) selected: readonly string[] = [];
  /** No more can be chosen. */
  @property({ type: Boolean }) full = false;
  @state() private question = "";
  readonly #load = new Load<SeriesRecord[]>(this, async () => (await this.metrics?.listSeries("")) ?? []);

  protected override firstUpdated(): void {
    void this.#load.run();
  }

  #families(all: readonly SeriesRecord[]): [string, SeriesRecord[]][] {
    const words = this.question
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== "");
    const matching = all.filter((series) => {
      const text = `${series.key} ${series.help} ${familyTitle(series.name)}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
    return [...Map.groupBy(matching, (series) => series.name)];
  }

  #toggle(key: string): void {
    this.dispatchEvent(new CustomEvent("toggle-series", { detail: key }));
  }

  #family([name, series]: [string, SeriesRecord[]]): unknown {
    const [first] = series;
    const isOpen = this.question !== "" || series.some(({ key }) => this.selected.includes(key));
    return html`<details ?open=${isOpen}>
      <summary>
        <bn-icon name="chevron-right"></bn-icon>${familyTitle(name)}
        <span class="unit">${series.length > 1 ? `${series.length} · ` : ""}${first?.unit.replaceAll("_", " ")}</span>
      </summary>
      <p class="help">${first?.help}</p>
      ${series.map((entry) => this.#choice(entry))}
    </details>`;
  }

  #choice(series: SeriesRecord): unknown {
    const isChosen = this.selected.includes(series.key);
    const labels = Object.entries(series.labels).map(([label, value]) => `${label}=${value}`);
    return html`<label>
      <input
        type="checkbox"
        .checked=${isChosen}
        ?disabled=${this.full && !isChosen}
        @change=${() => this.#toggle(series.key)}
      />${labels.length === 0 ? series.name : labels.join(" ")}
    </label>`;
  }

  #content(): unknown {
    const { state } = this.#load;
    if (state.kind === "failed")
      return html`<bn-error .problem=${state.problem} can-retry @retry=${() => void this.#load.run()}></bn-error>`;
    if (state.kind === "loading")
      return html`<div class="place">
        ${Array.from({ length: 8 }, () => html`<bn-skeleton shape="line"></bn-skeleton>`)}
      </div>`;
    const families = this.#families(state.value);
    if (families.length === 0)
      return html`<p class="place soft">
        ${this.question === "" ? "No series yet: the first samples come within seconds of the start." : `No series matches “${this.question}”.`}
      </p>`;
    return families.map((family) => this.#family(family));
  }

  protected override render(): unknown {
    return html`<section class="panel" aria-label="Series">
      <div class="search">
        <input
          type="search"
          aria-label="Search series"
          placeholder="Search series"
          spellcheck="false"
          .value=${this.question}
          @input=${(event: InputEvent) => {
            if (event.target instanceof HTMLInputElement) this.question = event.target.value;
          }}
        />
      </div>
      <div class="list" tabindex="0" role="group" aria-label="Families of series">${this.#content()}</div>
      ${this.full ? html`<p class="help" role="status">Ten series are shown: remove one to add another.</p>` : nothing}
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-series-picker": BnSeriesPicker;
  }
}
