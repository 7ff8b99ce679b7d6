import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-copy.ts";
import "../../components/bn-empty.ts";
import "../../components/bn-error.ts";
import "../../components/bn-skeleton.ts";
import "../../components/bn-status.ts";
import "../../components/bn-subject-head.ts";
import "../../components/bn-time.ts";
import { Load } from "../../controllers/load.ts";
import type { TraceDetail, Traces } from "../../data/traces.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { formatDuration } from "../../lib/format.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-span-detail.ts";
import "./bn-waterfall.ts";
import { logsHref, traceHref } from "./filters.ts";
import { rowsOf } from "./waterfall.ts";

const NOT_FOUND = 404;

/** One trace: what happened in which order, what took long, what failed. Fires `choose` (CustomEvent<string>: a span's id). */
@customElement("bn-trace-page")
export class BnTracePage extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    layoutStyles,
    css`
      .whole {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        align-items: start;
        gap: var(--space-4);
      }

      .whole.split {
        grid-template-columns: minmax(0, 1fr) minmax(300px, 380px);
      }

      .split > bn-span-detail {
        position: sticky;
        top: calc(var(--top-bar-height) + var(--space-4));
        max-height: calc(100dvh - var(--top-bar-height) - var(--space-8));
        overflow: auto;
      }

      .what {
        margin-top: var(--space-2);
        overflow-wrap: anywhere;
        font-size: var(--text-20);
      }

      .facts {
        color: var(--soft);
        font-size: var(--text-13);
      }

      @media (max-width: 1100px) {
        .whole.split {
          grid-template-columns: minmax(0, 1fr);
        }

        .split > bn-span-detail {
          position: static;
          max-height: none;
        }
      }
    `,
  ];

  @property({ attribute: false }) traces: Traces | undefined;
  @property({ attribute: false }) traceId = "";
  /** Id of the span that is looked at. */
  @property({ attribute: false }) chosen = "";
  readonly #load = new Load<TraceDetail | undefined>(this, async () => this.traces?.get(this.traceId));
  #loaded: string | undefined;

  protected override updated(): void {
    if (this.traces === undefined || this.traceId === this.#loaded) return;
    this.#loaded = this.traceId;
    void this.#load.run();
  }

  #passOn({ detail }: CustomEvent<string>): void {
    this.dispatchEvent(new CustomEvent("choose", { detail }));
  }

  #head(trace: TraceDetail): unknown {
    const { errorCount, duration, startedAt, spanCount, traceId } = trace;
    const level = errorCount === 0 ? "calm" : "alarm";
    return html`<bn-status level=${level}>${errorCount === 0 ? "Nothing failed" : `${errorCount} of ${spanCount} failed`}</bn-status>
<h2 class="what" id="heading">${foreignText(trace.name)}</h2>
<p class="facts">
          ${foreignText(trace.service)} · ${formatDuration(duration)} · ${spanCount} ${spanCount === 1 ? "span" : "spans"} ·
          <bn-time .at=${startedAt}></bn-time>
        </p>
      <div class="row" slot="verbs">
        <a class="button" href=${logsHref("trace", traceId)}>Logs of this trace</a>
        <bn-copy .text=${traceId} label="Copy the trace id"></bn-copy>
      </div>`;
  }

  #trace(trace: TraceDetail): unknown {
    const chosen = rowsOf(trace.spans, 1).find(({ span }) => span.spanId === this.chosen);
    return html`<div class=${chosen === undefined ? "whole" : "whole split"}>
      <section class="panel" aria-label="Spans">
        <bn-waterfall
          .spans=${trace.spans}
          .total=${trace.duration}
          .chosen=${this.chosen}
          @choose=${this.#passOn}
        ></bn-waterfall>
      </section>
      ${
        chosen === undefined
          ? nothing
          : html`<bn-span-detail
            .span=${chosen.span}
            .self=${chosen.self}
            .traceId=${trace.traceId}
            back=${traceHref(trace.traceId)}
          ></bn-span-detail>`
      }
    </div>`;
  }

  #content(): unknown {
    const { state } = this.#load;
    if (state.kind === "failed" && state.problem.status === NOT_FOUND)
      return html`<section class="panel">
        <bn-empty
          icon="search"
          heading="This trace is not kept"
          text="Traces go after profiler.traceDays, or when there are more spans than profiler.maxSpans; of the server's own requests only a few are kept. What was logged may still be there."
        >
          <a class="button" href=${logsHref("trace", this.traceId)}>Logs of this trace</a>
        </bn-empty>
      </section>`;
    if (state.kind === "failed")
      return html`<bn-error class="panel" .problem=${state.problem} can-retry @retry=${() => void this.#load.run()}></bn-error>`;
    if (state.kind === "loading" || state.value === undefined)
      return html`<bn-skeleton shape="block"></bn-skeleton>`;
    return this.#trace(state.value);
  }

  protected override render(): unknown {
    const trace = this.#load.value;
    return html`<bn-subject-head href="/performance?tab=traces" label="All traces">
        ${trace === undefined ? nothing : this.#head(trace)}
      </bn-subject-head>
      ${this.#content()}`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-trace-page": BnTracePage;
  }
}
