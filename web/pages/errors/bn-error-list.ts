import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../../components/bn-empty.ts";
import "../../components/bn-error.ts";
import "../../components/bn-skeleton.ts";
import "../../components/bn-status.ts";
import "../../components/bn-table.ts";
import type { Column } from "../../components/bn-table.ts";
import "../../components/bn-time.ts";
import { Load } from "../../controllers/load.ts";
import type { ErrorSummary, Incident, Incidents } from "../../data/incidents.ts";
import { formatFigure } from "../../lib/format.ts";
import { chipStyles } from "../../styles/chips.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-error-cell.ts";
import "./bn-error-day.ts";
import {
  type ErrorQuery,
  errorsHref,
  filterOf,
  KIND_CHOICES,
  readErrorQuery,
  SINCE_CHOICES,
  STATE_CHOICES,
} from "./filters.ts";
import { proofText, stateOf } from "./words.ts";

const REFRESH_MS = 15_000;

interface Shown {
  items: Incident[];
  nextCursor: string | null;
  summary: ErrorSummary;
}

/** Errors grouped by cause, the latest first, with the filters that chose them. */
@customElement("bn-error-list")
export class BnErrorList extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    layoutStyles,
    chipStyles,
    css`
      header .faint {
        font-size: var(--text-13);
      }

      .more {
        padding: var(--space-3) var(--space-4);
        border-top: 1px solid var(--line);
      }
    `,
  ];

  @property({ attribute: false }) incidents: Incidents | undefined;
  @property({ attribute: false }) query: ErrorQuery = readErrorQuery(new URLSearchParams());
  @state() private further: Incident[] = [];
  @state() private nextCursor: string | null = null;
  readonly #load = new Load<Shown | undefined>(this, () => this.#read());
  #timer: ReturnType<typeof setInterval> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#timer = setInterval(() => {
      if (document.visibilityState === "visible" && this.further.length === 0) void this.#load.run();
    }, REFRESH_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  protected override updated(changed: PropertyValues<this>): void {
    const before = changed.get("query");
    const isOther = before === undefined || errorsHref(before) !== errorsHref(this.query);
    if (changed.has("query") && isOther) {
      this.further = [];
      void this.#load.run();
    }
  }

  async #read(): Promise<Shown | undefined> {
    if (this.incidents === undefined) return undefined;
    const [page, summary] = await Promise.all([
      this.incidents.list(filterOf(this.query, Date.now())),
      this.incidents.summary(),
    ]);
    this.nextCursor = page.nextCursor;
    return { ...page, summary };
  }

  async #more(): Promise<void> {
    if (this.incidents === undefined || this.nextCursor === null) return;
    const page = await this.incidents.list(filterOf(this.query, Date.now()), this.nextCursor);
    this.further = [...this.further, ...page.items];
    this.nextCursor = page.nextCursor;
  }

  #search(event: SubmitEvent): void {
    event.preventDefault();
    const text = this.renderRoot.querySelector("input")?.value.trim() ?? "";
    this.dispatchEvent(new CustomEvent("search", { detail: text, bubbles: true, composed: true }));
  }

  #chips(
    label: string,
    choices: readonly { id: string; label: string }[],
    present: string,
    change: (id: string) => Partial<ErrorQuery>,
  ): unknown {
    const current = choices.some(({ id }) => id === present) ? present : "";
    return html`<nav class="chips" aria-label=${label}>
      ${choices.map(
        (choice) =>
          html`<a
            class="chip"
            href=${errorsHref(this.query, change(choice.id))}
            aria-current=${choice.id === current ? "true" : nothing}
            >${choice.label}</a
          >`,
      )}
    </nav>`;
  }

  #filters(): unknown {
    const { state, kind, since, text } = this.query;
    return html`<div class="filters">
      ${this.#chips("State", STATE_CHOICES, state, (id) => ({ state: id }))}
      ${this.#chips("Kind", KIND_CHOICES, kind, (id) => ({ kind: id }))}
      ${this.#chips("Last seen", SINCE_CHOICES, since, (id) => ({ since: id }))}
      <form class="end" role="search" @submit=${this.#search}>
        <input type="search" aria-label="Search errors" placeholder="Search message, cause, place" maxlength="200" .value=${text} />
      </form>
    </div>`;
  }

  #columns(): readonly Column<Incident>[] {
    return [
      {
        id: "state",
        label: "State",
        draw: (row) => {
          const { level, word } = stateOf(row);
          return html`<bn-status level=${level}>${word}</bn-status>`;
        },
      },
      { id: "what", label: "What happened", draw: (row) => this.#what(row), isWide: true },
      {
        id: "count",
        label: "Times",
        draw: ({ count }) => formatFigure(count, 0),
        compare: (a, b) => a.count - b.count,
        isNumber: true,
      },
      {
        id: "day",
        label: "Last 24 h",
        draw: ({ hours }) => html`<bn-error-day .hours=${hours}></bn-error-day>`,
        isSecondary: true,
      },
      {
        id: "seen",
        label: "Last seen",
        draw: ({ lastSeenAt }) => html`<bn-time .at=${lastSeenAt}></bn-time>`,
        compare: (a, b) => Date.parse(a.lastSeenAt) - Date.parse(b.lastSeenAt),
      },
    ];
  }

  #what(row: Incident): unknown {
    const list = errorsHref(this.query);
    const href = `${list}${list.includes("?") ? "&" : "?"}id=${row.id}`;
    return html`<bn-error-cell .incident=${row} href=${href}></bn-error-cell>`;
  }

  #empty(summary: ErrorSummary): unknown {
    if (errorsHref(this.query) !== errorsHref(readErrorQuery(new URLSearchParams()))) {
      return html`<bn-empty icon="search" heading="No error fits this filter" text=${proofText(summary)}>
        <a class="button" href="/errors">Show what is open</a>
      </bn-empty>`;
    }
    const heading = summary.failures === 0 ? `No failure in ${summary.hours} h` : "Nothing is open";
    return html`<bn-empty icon="check" heading=${heading} text=${proofText(summary)}>
      <a class="button" href="/errors?state=all">Show all errors</a>
    </bn-empty>`;
  }

  #content(): unknown {
    const { state } = this.#load;
    if (state.kind === "failed")
      return html`<bn-error .problem=${state.problem} can-retry @retry=${() => void this.#load.run()}></bn-error>`;
    if (state.kind === "loading" || state.value === undefined)
      return html`<bn-skeleton shape="block"></bn-skeleton>`;
    const rows = [...state.value.items, ...this.further];
    if (rows.length === 0) return this.#empty(state.value.summary);
    return html`<bn-table
        label="Errors"
        .columns=${this.#columns()}
        .rows=${rows}
        .keyOf=${(row: Incident) => row.id}
      ></bn-table>
      ${
        this.nextCursor === null
          ? nothing
          : html`<div class="more"><button class="button" type="button" @click=${() => void this.#more()}>Show more</button></div>`
      }`;
  }

  protected override render(): unknown {
    // An empty list says it itself.
    const { value } = this.#load;
    const summary = value === undefined || value.items.length === 0 ? undefined : value.summary;
    return html`<section class="panel" aria-labelledby="heading">
      <header>
        <h2 id="heading">What failed</h2>
        <span class="faint">${summary === undefined ? nothing : proofText(summary)}</span>
      </header>
      ${this.#filters()} ${this.#content()}
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-error-list": BnErrorList;
  }
}
