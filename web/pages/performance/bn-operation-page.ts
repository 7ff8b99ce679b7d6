import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { StatisticsWindow } from "../../../schema/rules/operations.ts";
import "../../components/bn-chart.ts";
import "../../components/bn-empty.ts";
import "../../components/bn-error.ts";
import "../../components/bn-skeleton.ts";
import "../../components/bn-time.ts";
import { Load } from "../../controllers/load.ts";
import type { LiveMetrics } from "../../data/live.ts";
import type { OperationHistory, Operations } from "../../data/operations.ts";
import type { TimeContext } from "../../data/time-context.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { formatDuration, formatFigure, formatValue } from "../../lib/format.ts";
import type { TimeWindow } from "../../lib/time-range.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-distribution.ts";
import "./bn-slow-list.ts";
import { type CourseLine, courseFrame, ERROR_LINES, LATENCY_LINES, RATE_LINES, stretchOf } from "./course.ts";
import { DEFAULT_WINDOW, kindWord, performanceHref, readPerformanceQuery, windowBackTo } from "./filters.ts";
import { Refresh } from "./refresh.ts";

const NOT_FOUND = 404;
const PERCENT = 100;
const NOTHING_ASKED = readPerformanceQuery(new URLSearchParams());

/**
 * One operation over the time that all charts share: how it went, how its durations are spread, and its slowest runs.
 * Whoever looks closer at a peak is told of the peak alone.
 */
@customElement("bn-operation-page")
export class BnOperationPage extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    layoutStyles,
    css`
      h2 {
        overflow-wrap: anywhere;
      }

      .figures {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-3) var(--space-8);
        padding: var(--space-4);
      }

      dt {
        color: var(--faint);
        font-size: var(--text-12);
      }

      dd {
        font-size: var(--text-16);
        font-weight: 600;
      }

      .failed {
        color: var(--alarm);
      }

      .content {
        padding: var(--space-3) var(--space-4);
      }
    `,
  ];

  @property({ attribute: false }) operations: Operations | undefined;
  @property({ attribute: false }) operationId = "";
  @property({ attribute: false }) live: LiveMetrics | undefined;
  @property({ attribute: false }) time: TimeContext | undefined;
  readonly #load = new Load<OperationHistory | undefined>(this, async () =>
    this.time === undefined ? undefined : this.operations?.history(this.operationId, this.time.window()),
  );
  #stop: () => void = () => {};
  #loaded: string | undefined;

  constructor() {
    super();
    new Refresh(
      this,
      () => this.live,
      () => {
        if (this.time?.isLive) void this.#load.run();
      },
    );
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = this.time?.state.subscribe(() => this.requestUpdate()) ?? (() => {});
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop();
  }

  protected override updated(): void {
    const key = JSON.stringify([this.operationId, this.time?.state.value]);
    if (this.operations === undefined || key === this.#loaded) return;
    this.#loaded = key;
    void this.#load.run();
  }

  #head(operation: OperationHistory): unknown {
    const { kind, service, callCount, errorCount, throughput } = operation;
    const figures: [string, unknown][] = [
      ["Calls", formatFigure(callCount, 0)],
      ["Rate", formatValue(throughput, "per_second")],
      [
        "Failed",
        errorCount === 0
          ? "0"
          : html`<span class="failed"
              >${formatFigure(errorCount, 0)} · ${formatValue((PERCENT * errorCount) / callCount, "percent")}</span
            >`,
      ],
      ["p50", formatDuration(operation.p50Duration)],
      ["p95", formatDuration(operation.p95Duration)],
      ["p99", formatDuration(operation.p99Duration)],
      ["Average", formatDuration(operation.averageDuration)],
      ["Longest", formatDuration(operation.maxDuration)],
      ["Last seen", html`<bn-time .at=${operation.lastSeenAt}></bn-time>`],
    ];
    return html`<section class="panel" aria-labelledby="heading">
      <header>
        <div>
          <h2 id="heading">${foreignText(operation.operation)}</h2>
          <span class="faint">${kindWord(kind)}${kind === "app" ? html` · ${foreignText(service)}` : nothing}</span>
        </div>
      </header>
      <dl class="figures">
        ${figures.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}
      </dl>
    </section>`;
  }

  #chart(heading: string, unit: string, lines: readonly CourseLine[], history: OperationHistory): unknown {
    return html`<section class="panel half" aria-label=${heading}>
      <header><h2>${heading}</h2></header>
      <div class="content">
        <bn-chart
          label=${heading}
          unit=${unit}
          sync-key="operation"
          .lines=${lines}
          .frame=${courseFrame(history, lines)}
          .window=${stretchOf(history)}
          is-ready
          @zoom=${({ detail }: CustomEvent<TimeWindow>) => this.time?.zoom(detail)}
          @zoom-back=${() => this.time?.zoomBack()}
        ></bn-chart>
      </div>
    </section>`;
  }

  #tracesHref({ operation, service, kind }: OperationHistory): string | undefined {
    if (kind !== "app" && kind !== "http" && kind !== "control") return undefined;
    return performanceHref(NOTHING_ASKED, { tab: "traces", window: this.#window, service, name: operation });
  }

  #slow(history: OperationHistory): unknown {
    const { operation, kind, service } = history;
    const traces = this.#tracesHref(history);
    return html`<section class="panel" aria-labelledby="slow">
      <header>
        <h2 id="slow">Slowest runs</h2>
        ${traces === undefined ? nothing : html`<a class="button" href=${traces}>Its traces</a>`}
      </header>
      <bn-slow-list
        .operations=${this.operations}
        .filter=${{ operation, kind, service }}
        .span=${stretchOf(history)}
        none="No run in this time took as long as profiler.slowMs says."
      ></bn-slow-list>
    </section>`;
  }

  #operation(history: OperationHistory): unknown {
    if (history.callCount === 0)
      return html`${this.#head(history)}
        <section class="panel">
          <bn-empty icon="clock" heading="It did not run in this time" text="Choose another time above.">
            ${
              this.time?.state.value.range.kind === "absolute"
                ? html`<button class="button" type="button" @click=${() => this.time?.zoomBack()}>Back to the time before</button>`
                : nothing
            }
          </bn-empty>
        </section>`;
    return html`${this.#head(history)}
      <div class="grid">
        ${this.#chart("Latency", "seconds", LATENCY_LINES, history)}
        <section class="panel half" aria-label="Distribution">
          <header><h2>Distribution</h2></header>
          <div class="content"><bn-distribution .operation=${history}></bn-distribution></div>
        </section>
        ${this.#chart("Throughput", "per_second", RATE_LINES, history)}
        ${this.#chart("Error rate", "percent", ERROR_LINES, history)}
      </div>
      ${this.#slow(history)}`;
  }

  #content(): unknown {
    const { state } = this.#load;
    if (state.kind === "failed" && state.problem.status === NOT_FOUND)
      return html`<section class="panel">
        <bn-empty
          icon="search"
          heading="This operation is not kept"
          text="Operations that were not seen for profiler.retentionDays are forgotten."
        ></bn-empty>
      </section>`;
    if (state.kind === "failed")
      return html`<bn-error class="panel" .problem=${state.problem} can-retry @retry=${() => void this.#load.run()}></bn-error>`;
    if (state.kind === "loading" || state.value === undefined)
      return html`<bn-skeleton shape="block"></bn-skeleton>`;
    return this.#operation(state.value);
  }

  /** The window of the lists that reaches back as far as this page. */
  get #window(): StatisticsWindow {
    return this.time === undefined
      ? DEFAULT_WINDOW
      : windowBackTo(this.time.window().fromMs, this.time.now());
  }

  protected override render(): unknown {
    return html`<div class="stack">
      <nav aria-label="Back"><a class="button quiet" href=${performanceHref(NOTHING_ASKED, { window: this.#window })}>← All operations</a></nav>
      ${this.#content()}
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-operation-page": BnOperationPage;
  }
}
