import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-time.ts";
import { Observe } from "../../controllers/observe.ts";
import type { LiveMetrics } from "../../data/live.ts";
import type { VersionWatch } from "../../data/version-watch.ts";
import { formatValue } from "../../lib/format.ts";
import { seriesKey } from "../../lib/series-key.ts";
import { baseStyles, layoutStyles } from "../../styles/shared.ts";

/** What Binnacle itself costs: label, series, unit. */
const FIGURES = [
  { label: "CPU", key: "binnacle_cpu_percent", unit: "percent" },
  { label: "Memory", key: seriesKey("binnacle_memory_bytes", { kind: "rss" }), unit: "bytes" },
  {
    label: "Event loop lag, p99",
    key: seriesKey("binnacle_event_loop_lag_seconds", { quantile: "0.99" }),
    unit: "seconds",
  },
  { label: "Requests", key: "binnacle_http_requests_per_second", unit: "per_second" },
  {
    label: "Answer time, p99",
    key: seriesKey("binnacle_http_request_duration_seconds", { quantile: "0.99" }),
    unit: "seconds",
  },
  { label: "Live sockets", key: "binnacle_sockets_open", unit: "count" },
  { label: "Open descriptors", key: "binnacle_file_descriptors_open", unit: "count" },
  { label: "State on disk", key: seriesKey("binnacle_database_bytes", { database: "state" }), unit: "bytes" },
  {
    label: "Samples on disk",
    key: seriesKey("binnacle_database_bytes", { database: "samples" }),
    unit: "bytes",
  },
] as const;

/** Binnacle's own cost and build, in plain figures that link to their charts. */
@customElement("bn-own-figures")
export class BnOwnFigures extends LitElement {
  static override styles = [
    baseStyles,
    layoutStyles,
    css`
      header span {
        color: var(--faint);
        font-size: var(--text-13);
      }

      dl {
        font-size: var(--text-13);
      }

      dl > div {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: var(--space-4);
        min-height: var(--row-height);
        padding: 0 var(--space-4);
      }

      dl > div + div {
        border-top: 1px solid var(--line);
      }

      dl > div:hover {
        background: var(--hover);
      }

      dt a {
        color: var(--soft);
        text-decoration: none;
      }

      dt a:hover {
        color: var(--ink);
        text-decoration: underline;
      }
    `,
  ];

  @property({ attribute: false }) live: LiveMetrics | undefined;
  @property({ attribute: false }) version: VersionWatch | undefined;

  constructor() {
    super();
    new Observe(this, () => this.live?.sample);
    new Observe(this, () => this.version?.system);
  }

  protected override render(): unknown {
    const values = this.live?.sample.value?.values;
    const system = this.version?.system.value;
    return html`<section class="panel" aria-label="Binnacle itself">
      <header>
        <h2>Binnacle itself</h2>
        ${system === undefined ? nothing : html`<span>${system.version}, started <bn-time .at=${system.startedAt}></bn-time></span>`}
      </header>
      <dl>
        ${FIGURES.map(
          ({ label, key, unit }) => html`<div>
            <dt><a href="/metrics?series=${encodeURIComponent(key)}">${label}</a></dt>
            <dd>${formatValue(values?.get(key), unit)}</dd>
          </div>`,
        )}
      </dl>
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-own-figures": BnOwnFigures;
  }
}
