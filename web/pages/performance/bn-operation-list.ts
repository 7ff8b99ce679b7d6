import { html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-empty.ts";
import "../../components/bn-error.ts";
import "../../components/bn-skeleton.ts";
import "../../components/bn-sparkline.ts";
import "../../components/bn-table.ts";
import type { Sorting } from "../../components/bn-table.ts";
import "../../components/bn-time.ts";
import { Load } from "../../controllers/load.ts";
import type { OperationStatistics, Operations, StatisticsPage } from "../../data/operations.ts";
import { formatFigure } from "../../lib/format.ts";
import { chipStyles } from "../../styles/chips.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-first-operation.ts";
import "./bn-window-chips.ts";
import {
  KIND_CHOICES,
  kindsOf,
  type PerformanceQuery,
  performanceHref,
  printSorting,
  readPerformanceQuery,
  readSorting,
  serverOrder,
} from "./filters.ts";
import { operationColumns } from "./operation-columns.ts";
import { performanceStyles } from "./performance-styles.ts";

/** Every operation, and how it went. Fires `filter` (CustomEvent<PerformanceQuery>). */
@customElement("bn-operation-list")
export class BnOperationList extends LitElement {
  static override styles = [baseStyles, controlStyles, layoutStyles, chipStyles, performanceStyles];

  @property({ attribute: false }) operations: Operations | undefined;
  @property({ attribute: false }) query: PerformanceQuery = readPerformanceQuery(new URLSearchParams());
  readonly #load = new Load<StatisticsPage | undefined>(this, async () => {
    const { window, sort, text, kind } = this.query;
    return this.operations?.list(window, serverOrder(sort), text, kindsOf(kind));
  });
  #loaded: string | undefined;

  /** Asks again; what is shown stays until the answer is there. */
  reload(): void {
    void this.#load.run();
  }

  protected override updated(): void {
    const { window, sort, text, kind } = this.query;
    const key = JSON.stringify([window, serverOrder(sort), text, kind]);
    if (this.operations === undefined || key === this.#loaded) return;
    this.#loaded = key;
    this.reload();
  }

  #ask(change: Partial<PerformanceQuery>): void {
    this.dispatchEvent(new CustomEvent("filter", { detail: { ...this.query, ...change } }));
  }

  #search(event: SubmitEvent): void {
    event.preventDefault();
    const input = this.renderRoot.querySelector("input");
    this.#ask({ text: input?.value.trim() ?? "" });
  }

  #filters(): unknown {
    const { query } = this;
    return html`<div class="filters">
      <bn-window-chips
        .chosen=${query.window}
        .hrefOf=${(window: PerformanceQuery["window"]) => performanceHref(query, { window })}
      ></bn-window-chips>
      <nav class="chips" aria-label="Kind">
        ${KIND_CHOICES.map(
          ({ id, label }) =>
            html`<a
              class="chip"
              href=${performanceHref(query, { kind: id })}
              aria-current=${id === query.kind ? "true" : nothing}
              >${label}</a
            >`,
        )}
      </nav>
      <form class="end" role="search" @submit=${this.#search}>
        <input
          type="search"
          aria-label="Search operations"
          placeholder="Search name or service"
          maxlength="200"
          .value=${query.text}
        />
      </form>
    </div>`;
  }

  #table(page: StatisticsPage): unknown {
    const { query } = this;
    if (page.items.length === 0) return this.#nothing();
    const span = { fromMs: Date.parse(page.from), toMs: Date.parse(page.to) };
    return html`<bn-table
        label="Operations"
        .columns=${operationColumns(query.window, span)}
        .rows=${page.items}
        .keyOf=${(row: OperationStatistics) => row.id}
        .initialSorting=${readSorting(query.sort)}
        @sort=${({ detail }: CustomEvent<Sorting>) => this.#ask({ sort: printSorting(detail) })}
      ></bn-table>
      ${this.#notes(page)}`;
  }

  #nothing(): unknown {
    const { kind, text } = this.query;
    if (text === "" && kind === "")
      return html`<bn-first-operation heading="Nothing ran in this time"></bn-first-operation>`;
    if (text === "" && kind === "app")
      return html`<bn-first-operation heading="No application has reported in this time"></bn-first-operation>`;
    return html`<bn-empty icon="search" heading="No operation fits this filter" text="Choose another kind, a longer time or other words.">
      <a class="button" href=${performanceHref(this.query, { kind: "", text: "" })}>Show all operations</a>
    </bn-empty>`;
  }

  #notes({ items, nextCursor, overflowed }: StatisticsPage): unknown {
    const shown = items.length;
    const words = [
      nextCursor === null
        ? `${formatFigure(shown, 0)} ${shown === 1 ? "operation" : "operations"}. Percentiles are exact to 1 %.`
        : `The first ${formatFigure(shown, 0)} by this order; search for others.`,
      ...(overflowed === 0
        ? []
        : [
            `${formatFigure(overflowed, 0)} runs stand under (other), for there are more names than profiler.maxOperations.`,
          ]),
    ];
    return html`<p class="note">${words.join(" ")}</p>`;
  }

  #content(): unknown {
    const { state } = this.#load;
    if (state.kind === "failed")
      return html`<bn-error .problem=${state.problem} can-retry @retry=${() => this.reload()}></bn-error>`;
    if (state.kind === "loading" || state.value === undefined)
      return html`<bn-skeleton shape="block"></bn-skeleton>`;
    return this.#table(state.value);
  }

  protected override render(): unknown {
    return html`<section class="panel" aria-label="Operations">${this.#filters()} ${this.#content()}</section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-operation-list": BnOperationList;
  }
}
