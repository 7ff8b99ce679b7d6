import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-error.ts";
import "../../components/bn-skeleton.ts";
import "../../components/bn-table.ts";
import type { Column, Sorting } from "../../components/bn-table.ts";
import "../../components/bn-time.ts";
import { Load } from "../../controllers/load.ts";
import { Observe } from "../../controllers/observe.ts";
import type { LiveMetrics } from "../../data/live.ts";
import type { Metrics } from "../../data/metrics.ts";
import type { Process, ProcessList } from "../../data/types.ts";
import { formatBytes, formatValue } from "../../lib/format.ts";
import { baseStyles, layoutStyles } from "../../styles/shared.ts";

/** The list is asked for when a sample arrives, but not more often than this. */
const REFRESH_MS = 10_000;
const SHOWN_ROWS = 10;

const COLUMNS: readonly Column<Process>[] = [
  {
    id: "name",
    label: "Process",
    draw: (row) => html`<span title=${row.command}>${row.name}</span>`,
    compare: (a, b) => a.name.localeCompare(b.name),
    isWide: true,
  },
  { id: "pid", label: "PID", draw: (row) => row.pid, isNumber: true, isSecondary: true },
  { id: "user", label: "User", draw: (row) => row.user, isSecondary: true },
  {
    id: "cpu",
    label: "CPU",
    draw: (row) => formatValue(row.cpuPercent, "percent"),
    compare: (a, b) => a.cpuPercent - b.cpuPercent,
    isNumber: true,
  },
  {
    id: "memory",
    label: "Memory",
    draw: (row) => formatBytes(row.memoryBytes),
    compare: (a, b) => a.memoryBytes - b.memoryBytes,
    isNumber: true,
  },
  {
    id: "started",
    label: "Started",
    draw: (row) => html`<bn-time .at=${row.startedAt}></bn-time>`,
    isSecondary: true,
  },
];
const BY_CPU: Sorting = { column: "cpu", isDescending: true };

/** The busiest processes, refreshed as samples come in. */
@customElement("bn-process-table")
export class BnProcessTable extends LitElement {
  static override styles = [
    baseStyles,
    layoutStyles,
    css`
      header span {
        color: var(--faint);
        font-size: var(--text-13);
      }

      .place {
        display: grid;
        gap: var(--space-4);
        padding: var(--space-4);
      }
    `,
  ];

  @property({ attribute: false }) metrics: Metrics | undefined;
  @property({ attribute: false }) live: LiveMetrics | undefined;
  readonly #load = new Load<ProcessList | undefined>(this, async () => this.metrics?.processes());
  #askedAtMs = 0;

  constructor() {
    super();
    new Observe(
      this,
      () => this.live?.sample,
      () => this.#refresh(),
    );
  }

  protected override firstUpdated(): void {
    this.#refresh();
  }

  #refresh(): void {
    const nowMs = Date.now();
    if (nowMs - this.#askedAtMs < REFRESH_MS || document.visibilityState === "hidden") return;
    this.#askedAtMs = nowMs;
    void this.#load.run();
  }

  #retry(): void {
    void this.#load.run();
  }

  #content(): unknown {
    const { state } = this.#load;
    if (state.kind === "failed")
      return html`<bn-error .problem=${state.problem} can-retry @retry=${this.#retry}></bn-error>`;
    if (state.kind === "loading")
      return html`<div class="place">
        ${Array.from({ length: 6 }, () => html`<bn-skeleton shape="line"></bn-skeleton>`)}
      </div>`;
    const rows = state.value?.items ?? [];
    if (rows.length === 0)
      return html`<div class="place faint">The first measurement takes two samples.</div>`;
    return html`<bn-table
      label="Busiest processes"
      .columns=${COLUMNS}
      .rows=${[...rows].sort((a, b) => b.cpuPercent - a.cpuPercent || b.memoryBytes - a.memoryBytes).slice(0, SHOWN_ROWS)}
      .keyOf=${(row: Process) => row.pid}
      .initialSorting=${BY_CPU}
    ></bn-table>`;
  }

  protected override render(): unknown {
    if (this.metrics === undefined) return nothing;
    return html`<section class="panel" aria-label="Processes">
      <header><h2>Processes</h2><span>busiest first, CPU as a share of all cores</span></header>
      ${this.#content()}
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-process-table": BnProcessTable;
  }
}
