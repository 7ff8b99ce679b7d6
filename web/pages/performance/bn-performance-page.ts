import { html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-tabs.ts";
import type { LiveMetrics } from "../../data/live.ts";
import type { Operations } from "../../data/operations.ts";
import type { Traces } from "../../data/traces.ts";
import { baseStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-operation-list.ts";
import "./bn-slow-list.ts";
import "./bn-suggestion-list.ts";
import "./bn-trace-list.ts";
import "./bn-window-chips.ts";
import { chipStyles } from "../../styles/chips.ts";
import {
  type PerformanceQuery,
  type PerformanceTab,
  performanceHref,
  readPerformanceQuery,
  WINDOW_LABELS,
} from "./filters.ts";
import { Refresh } from "./refresh.ts";

const TAB_LABELS: Readonly<Record<PerformanceTab, string>> = {
  operations: "Operations",
  slow: "Slow operations",
  traces: "Traces",
  suggestions: "Suggestions",
};

/** How long everything takes. What is shown stands in the address. Fires `filter` (CustomEvent<PerformanceQuery>). */
@customElement("bn-performance-page")
export class BnPerformancePage extends LitElement {
  static override styles = [baseStyles, layoutStyles, chipStyles];

  @property({ attribute: false }) operations: Operations | undefined;
  @property({ attribute: false }) traces: Traces | undefined;
  @property({ attribute: false }) live: LiveMetrics | undefined;
  @property({ attribute: false }) query = new URLSearchParams();

  constructor() {
    super();
    new Refresh(
      this,
      () => this.live,
      () => this.#reload(),
    );
  }

  #reload(): void {
    this.renderRoot
      .querySelector<HTMLElement & { reload(): void }>(
        "bn-operation-list, bn-slow-list, bn-trace-list, bn-suggestion-list",
      )
      ?.reload();
  }

  #passOn({ detail }: CustomEvent<PerformanceQuery>): void {
    this.dispatchEvent(new CustomEvent("filter", { detail: performanceHref(detail) }));
  }

  #slow(query: PerformanceQuery): unknown {
    return html`<section class="panel" aria-label="Slow operations">
      <div class="filters">
        <bn-window-chips
          .chosen=${query.window}
          .hrefOf=${(window: PerformanceQuery["window"]) => performanceHref(query, { window })}
        ></bn-window-chips>
      </div>
      <bn-slow-list
        .operations=${this.operations}
        window=${query.window}
        none="No operation of the last ${WINDOW_LABELS[query.window]} took as long as profiler.slowMs says."
      ></bn-slow-list>
    </section>`;
  }

  #shown(query: PerformanceQuery): unknown {
    switch (query.tab) {
      case "slow":
        return this.#slow(query);
      case "traces":
        return html`<bn-trace-list .traces=${this.traces} .query=${query} @filter=${this.#passOn}></bn-trace-list>`;
      case "suggestions":
        return html`<bn-suggestion-list .operations=${this.operations}></bn-suggestion-list>`;
      default:
        return html`<bn-operation-list
          .operations=${this.operations}
          .query=${query}
          @filter=${this.#passOn}
        ></bn-operation-list>`;
    }
  }

  protected override render(): unknown {
    const query = readPerformanceQuery(this.query);
    const { window } = query;
    const tabs = Object.entries(TAB_LABELS).map(([id, label]) => ({
      id,
      label,
      href: performanceHref({
        ...readPerformanceQuery(new URLSearchParams()),
        tab: id as PerformanceTab,
        window,
      }),
    }));
    return html`<bn-tabs label="Parts of this page" .tabs=${tabs} .shown=${query.tab}></bn-tabs> ${this.#shown(query)}`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-performance-page": BnPerformancePage;
  }
}
