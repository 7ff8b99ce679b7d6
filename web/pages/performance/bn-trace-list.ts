import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../../components/bn-empty.ts";
import "../../components/bn-error.ts";
import "../../components/bn-skeleton.ts";
import "../../components/bn-status.ts";
import "../../components/bn-table.ts";
import type { Column } from "../../components/bn-table.ts";
import "../../components/bn-time.ts";
import { Action } from "../../controllers/action.ts";
import { Load } from "../../controllers/load.ts";
import type { Trace, TraceFilter, Traces } from "../../data/traces.ts";
import type { Page } from "../../data/types.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { formatDuration, formatFigure } from "../../lib/format.ts";
import { chipStyles } from "../../styles/chips.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-first-operation.ts";
import "./bn-window-chips.ts";
import {
  beginOf,
  type PerformanceQuery,
  performanceHref,
  readPerformanceQuery,
  traceHref,
} from "./filters.ts";
import { performanceStyles } from "./performance-styles.ts";

/** Traces, the latest first. Fires `filter` (CustomEvent<PerformanceQuery>). */
@customElement("bn-trace-list")
export class BnTraceList extends LitElement {
  static override styles = [baseStyles, controlStyles, layoutStyles, chipStyles, performanceStyles];

  @property({ attribute: false }) traces: Traces | undefined;
  @property({ attribute: false }) query: PerformanceQuery = readPerformanceQuery(new URLSearchParams());
  @state() private further: readonly Trace[] = [];
  @state() private nextCursor: string | null = null;
  readonly #further = new Action(this);
  readonly #load = new Load<Page<Trace> | undefined>(this, () => this.#first());
  #loaded: string | undefined;

  reload(): void {
    // Pages that were joined would be torn: the reader is not thrown back.
    if (this.further.length === 0) void this.#load.run();
  }

  protected override updated(): void {
    const { window, failed, service, name } = this.query;
    const key = JSON.stringify([window, failed, service, name]);
    if (this.traces === undefined || key === this.#loaded) return;
    this.#loaded = key;
    this.further = [];
    void this.#load.run();
  }

  get #filter(): TraceFilter {
    const { window, failed, service, name } = this.query;
    return {
      since: beginOf(window, Date.now()),
      failed: failed === "" ? undefined : "true",
      service: service === "" ? undefined : service,
      name: name === "" ? undefined : name,
    };
  }

  async #first(): Promise<Page<Trace> | undefined> {
    const page = await this.traces?.list(this.#filter);
    this.nextCursor = page?.nextCursor ?? null;
    return page;
  }

  async #more(): Promise<void> {
    const { traces, nextCursor } = this;
    const asked = this.#loaded;
    if (nextCursor === null || traces === undefined) return;
    await this.#further.run(async () => {
      const page = await traces.list(this.#filter, nextCursor);
      // The list may have become another meanwhile, by a filter or by itself.
      if (asked !== this.#loaded || nextCursor !== this.nextCursor) return;
      this.further = [...this.further, ...page.items];
      this.nextCursor = page.nextCursor;
    });
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement)) return;
    const fields = new FormData(event.target);
    const detail = {
      ...this.query,
      service: String(fields.get("service")).trim(),
      name: String(fields.get("name")).trim(),
    };
    this.dispatchEvent(new CustomEvent("filter", { detail }));
  }

  #filters(): unknown {
    const { query } = this;
    const chip = (label: string, failed: string) =>
      html`<a class="chip" href=${performanceHref(query, { failed })} aria-current=${query.failed === failed ? "true" : nothing}
        >${label}</a
      >`;
    return html`<form class="filters" role="search" @submit=${this.#submit}>
      <bn-window-chips
        .chosen=${query.window}
        .hrefOf=${(window: PerformanceQuery["window"]) => performanceHref(query, { window })}
      ></bn-window-chips>
      <nav class="chips" aria-label="Outcome">${chip("All", "")} ${chip("With failures", "true")}</nav>
      <input name="service" aria-label="Service" placeholder="Service, exactly" maxlength="100" spellcheck="false" .value=${query.service} />
      <input name="name" aria-label="Name" placeholder="Name, exactly" maxlength="200" spellcheck="false" .value=${query.name} />
      <button class="button" type="submit">Filter</button>
    </form>`;
  }

  #empty(): unknown {
    const { failed, service, name } = this.query;
    if (failed === "" && service === "" && name === "")
      return html`<bn-first-operation heading="No trace in this time"></bn-first-operation>`;
    return html`<bn-empty icon="search" heading="No trace fits this filter" text="Choose a longer time or another filter.">
      <a class="button" href=${performanceHref(this.query, { failed: "", service: "", name: "" })}>Show all traces</a>
    </bn-empty>`;
  }

  #content(): unknown {
    const { state } = this.#load;
    if (state.kind === "failed")
      return html`<bn-error .problem=${state.problem} can-retry @retry=${() => void this.#load.run()}></bn-error>`;
    if (state.kind === "loading" || state.value === undefined)
      return html`<bn-skeleton shape="block"></bn-skeleton>`;
    const rows = [...state.value.items, ...this.further];
    const { problem, isBusy } = this.#further;
    if (rows.length === 0) return this.#empty();
    const longest = Math.max(...rows.map(({ duration }) => duration));
    return html`<bn-table label="Traces" .columns=${columns(longest)} .rows=${rows} .keyOf=${(row: Trace) => row.traceId}></bn-table>
      ${problem === undefined ? nothing : html`<bn-error .problem=${problem}></bn-error>`}
      ${
        this.nextCursor === null
          ? nothing
          : html`<div class="more">
            <button class="button" type="button" ?disabled=${isBusy} @click=${() => void this.#more()}>Show more</button>
          </div>`
      }`;
  }

  protected override render(): unknown {
    return html`<section class="panel" aria-label="Traces">${this.#filters()} ${this.#content()}</section>`;
  }
}

const PERCENT = 100;

const columns = (longest: number): readonly Column<Trace>[] => [
  {
    id: "name",
    label: "Trace",
    draw: ({ name, traceId }) => html`<a href=${traceHref(traceId)}>${foreignText(name)}</a>`,
    isWide: true,
  },
  {
    id: "outcome",
    label: "Outcome",
    draw: ({ errorCount }) =>
      errorCount === 0
        ? html`<bn-status level="calm">Done</bn-status>`
        : html`<bn-status level="alarm">${errorCount} failed</bn-status>`,
  },
  { id: "service", label: "Service", draw: ({ service }) => foreignText(service) },
  {
    id: "bar",
    label: "",
    draw: ({ duration }) =>
      html`<svg width="96" height="8" aria-hidden="true">
        <rect width="96" height="8" rx="2" fill="var(--sunken)"></rect>
        <rect width="${Math.max(1, (PERCENT * duration) / longest)}%" height="8" rx="2" fill="var(--series-1)"></rect>
      </svg>`,
    isSecondary: true,
  },
  {
    id: "duration",
    label: "Took",
    draw: ({ duration }) => formatDuration(duration),
    compare: (a, b) => a.duration - b.duration,
    isNumber: true,
  },
  { id: "spans", label: "Spans", draw: ({ spanCount }) => formatFigure(spanCount, 0), isNumber: true },
  { id: "at", label: "Began", draw: ({ startedAt }) => html`<bn-time .at=${startedAt}></bn-time>` },
];

declare global {
  interface HTMLElementTagNameMap {
    "bn-trace-list": BnTraceList;
  }
}
