import { html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { StatisticsWindow } from "../../../schema/rules/operations.ts";
import "../../components/bn-empty.ts";
import "../../components/bn-error.ts";
import "../../components/bn-skeleton.ts";
import "../../components/bn-status.ts";
import "../../components/bn-table.ts";
import type { Column } from "../../components/bn-table.ts";
import "../../components/bn-time.ts";
import { Load } from "../../controllers/load.ts";
import type { Operations, SlowFilter, SlowOperation } from "../../data/operations.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { formatDuration } from "../../lib/format.ts";
import type { TimeWindow } from "../../lib/time-range.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-slow-cell.ts";
import { beginOf, DEFAULT_WINDOW, kindWord, logsHref, traceHref } from "./filters.ts";
import { performanceStyles } from "./performance-styles.ts";

/** Runs that took longer than they should, the slowest first, each with what is known of it. */
@customElement("bn-slow-list")
export class BnSlowList extends LitElement {
  static override styles = [baseStyles, controlStyles, layoutStyles, performanceStyles];

  @property({ attribute: false }) operations: Operations | undefined;
  @property({ attribute: false }) filter: SlowFilter = {};
  @property() window: StatisticsWindow = DEFAULT_WINDOW;
  /** Instead of the window: a span of time that is looked at. */
  @property({ attribute: false }) span: TimeWindow | undefined;
  /** What is said when there are none. */
  @property() none = "";
  readonly #load = new Load<SlowOperation[]>(this, async () => {
    const { span, filter } = this;
    const since = span === undefined ? beginOf(this.window, Date.now()) : isoOf(span.fromMs);
    const until = span === undefined ? undefined : isoOf(span.toMs);
    return (await this.operations?.slow({ ...filter, since, until })) ?? [];
  });
  #loaded: string | undefined;

  reload(): void {
    void this.#load.run();
  }

  protected override updated(): void {
    const key = JSON.stringify([this.filter, this.window, this.span]);
    if (this.operations === undefined || key === this.#loaded) return;
    this.#loaded = key;
    this.reload();
  }

  protected override render(): unknown {
    const { state } = this.#load;
    if (state.kind === "failed")
      return html`<bn-error .problem=${state.problem} can-retry @retry=${() => this.reload()}></bn-error>`;
    if (state.kind === "loading") return html`<bn-skeleton shape="block"></bn-skeleton>`;
    if (state.value.length === 0)
      return html`<bn-empty icon="check" heading="Nothing was slow" text=${this.none}>
        <a class="button" href="/configuration?q=profiler.slowMs">Change what counts as slow</a>
      </bn-empty>`;
    return html`<bn-table
      label="Slow operations"
      .columns=${COLUMNS}
      .rows=${state.value}
      .keyOf=${(row: SlowOperation) => row.id}
    ></bn-table>`;
  }
}

const isoOf = (ms: number): string => new Date(ms).toISOString();

const COLUMNS: readonly Column<SlowOperation>[] = [
  {
    id: "operation",
    label: "Operation",
    draw: (run) => html`<bn-slow-cell .run=${run}></bn-slow-cell>`,
    isWide: true,
  },
  {
    id: "what",
    label: "What",
    draw: ({ kind, service }) => (kind === "app" ? foreignText(service) : kindWord(kind)),
  },
  {
    id: "outcome",
    label: "Outcome",
    draw: ({ failed }) =>
      failed
        ? html`<bn-status level="alarm">Failed</bn-status>`
        : html`<bn-status level="calm">Done</bn-status>`,
  },
  {
    id: "duration",
    label: "Took",
    draw: ({ duration }) => formatDuration(duration),
    compare: (a, b) => a.duration - b.duration,
    isNumber: true,
  },
  {
    id: "limit",
    label: "Limit",
    draw: ({ threshold }) => formatDuration(threshold),
    isNumber: true,
    isSecondary: true,
  },
  { id: "who", label: "For", draw: ({ principal }) => principal ?? "–", isSecondary: true },
  {
    id: "at",
    label: "When",
    draw: ({ at }) => html`<bn-time .at=${at}></bn-time>`,
    compare: (a, b) => Date.parse(a.at) - Date.parse(b.at),
  },
  { id: "links", label: "Look at", draw: linksOf },
];

function linksOf({ traceId, correlationId }: SlowOperation): unknown {
  const logs =
    correlationId !== null
      ? logsHref("correlation", correlationId)
      : traceId !== null
        ? logsHref("trace", traceId)
        : undefined;
  const links = [
    ...(traceId === null ? [] : [html`<a href=${traceHref(traceId)}>Trace</a>`]),
    ...(logs === undefined ? [] : [html`<a href=${logs}>Logs</a>`]),
  ];
  return links.map((link, place) => (place === 0 ? link : html` · ${link}`));
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-slow-list": BnSlowList;
  }
}
