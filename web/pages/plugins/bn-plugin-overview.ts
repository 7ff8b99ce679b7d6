import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import "../../components/bn-copy.ts";
import "../../components/bn-status.ts";
import "../../components/bn-time.ts";
import type { LiveMetrics } from "../../data/live.ts";
import type { Metrics } from "../../data/metrics.ts";
import { pluginSeriesKey } from "../../data/plugin-series.ts";
import type { Plugins } from "../../data/plugins.ts";
import type { Panel, PluginDetail } from "../../data/plugins-types.ts";
import type { Session } from "../../data/session.ts";
import type { TimeContext } from "../../data/time-context.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { formatBytes, formatDuration, formatFigure, formatValue } from "../../lib/format.ts";
import "../../panels/bn-metric-chart.ts";
import "../../panels/bn-plugin-panel.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-plugin-facts.ts";
import { pluginStyles } from "./plugin-styles.ts";

/** How a plugin fares: its figures, its last error, its own panels, its courses over time, and what is known of it. */
@customElement("bn-plugin-overview")
export class BnPluginOverview extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    layoutStyles,
    pluginStyles,
    css`
      .figures {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(120px, 1fr));
      }

      .figures > div {
        padding: var(--space-3) var(--space-4);
      }

      .figures dt {
        font-size: var(--text-12);
      }

      .figures dd {
        font-size: var(--text-20);
        font-weight: 600;
        letter-spacing: -0.01em;
      }

      /* One alone in its row takes the whole of it. */
      .panels > .half:last-child:nth-child(odd) {
        grid-column: span 12;
      }

    `,
  ];

  @property({ attribute: false }) plugins: Plugins | undefined;
  @property({ attribute: false }) plugin: PluginDetail | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) live: LiveMetrics | undefined;
  @property({ attribute: false }) metrics: Metrics | undefined;
  @property({ attribute: false }) time: TimeContext | undefined;
  #charted: { id: string; charts: Chart[] } | undefined;

  /** The same lines for the same plugin: charts begin anew when theirs are others. */
  #chartsOf(id: string): Chart[] {
    if (this.#charted?.id !== id) this.#charted = { id, charts: chartsOf(id) };
    return this.#charted.charts;
  }

  #figures(plugin: PluginDetail): unknown {
    const { calls, errors, errorRate, callsUnderWay, cpuPercent, memoryBytes, uptimeSeconds, pid } = plugin;
    const rows: [string, string][] = [
      ["CPU", formatValue(cpuPercent, "percent")],
      ["Memory", memoryBytes === null ? "–" : formatBytes(memoryBytes)],
      ["Up for", pid === null ? "–" : formatDuration(uptimeSeconds)],
      ["Calls", formatFigure(calls, 0)],
      ["Failed", formatFigure(errors, 0)],
      ["Failing now", formatValue(errorRate * 100, "percent")],
      ["Under way", formatFigure(callsUnderWay, 0)],
    ];
    return html`<section class="panel" aria-label="Figures">
      <dl class="figures">
        ${rows.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}
      </dl>
    </section>`;
  }

  #lastError({ lastError }: PluginDetail): unknown {
    if (lastError === null) return nothing;
    const { code, message, at, correlationId } = lastError;
    return html`<section class="panel" aria-labelledby="last-error">
      <header>
        <h2 id="last-error">Last error</h2>
        <span class="faint"><bn-time .at=${at}></bn-time></span>
      </header>
      <div class="content stack">
        <div><bn-status level="alarm">${code}</bn-status></div>
        <p class="wrap">${foreignText(message, 2_000)}</p>
        <p class="row">
          <span class="faint">Correlation id</span> <code class="wrap">${correlationId}</code>
          <bn-copy compact .text=${correlationId} label="Copy"></bn-copy>
        </p>
      </div>
    </section>`;
  }

  /** The panels of some kinds: figures stand in a row, what is larger below them. */
  #panels(
    plugin: PluginDetail,
    isWanted: (kind: Panel["kind"]) => boolean,
    width: "quarter" | "half",
  ): unknown {
    const panels = plugin.panels.filter(({ kind }) => isWanted(kind));
    if (panels.length === 0) return nothing;
    return html`<div class="grid panels">
      ${repeat(
        panels,
        ({ id }) => id,
        (panel) => html`<bn-plugin-panel
          class=${width}
          .panel=${panel}
          .plugin=${plugin}
          .plugins=${this.plugins}
          .session=${this.session}
          .live=${this.live}
          .metrics=${this.metrics}
          .time=${this.time}
        ></bn-plugin-panel>`,
      )}
    </div>`;
  }

  protected override render(): unknown {
    const { plugin, live, metrics, time } = this;
    if (plugin === undefined) return nothing;
    // What was never loaded has no figures.
    if (plugin.version === "" || plugin.block?.code === "invalid")
      return html`<bn-plugin-facts .plugin=${plugin}></bn-plugin-facts>`;
    return html`<div class="stack">
      ${this.#figures(plugin)} ${this.#lastError(plugin)}
      ${this.#panels(plugin, (kind) => kind === "stat", "quarter")}
      ${this.#panels(plugin, (kind) => kind !== "stat", "half")}
      <div class="grid">
        ${this.#chartsOf(plugin.id).map(
          ({ heading, note, unit, lines, isRate }) => html`<bn-metric-chart
            class="half"
            heading=${heading}
            note=${note}
            unit=${unit}
            .lines=${lines}
            .metrics=${metrics}
            .live=${live}
            .time=${time}
            ?rate=${isRate === true}
            explorable
          ></bn-metric-chart>`,
        )}
      </div>
      <bn-plugin-facts .plugin=${plugin}></bn-plugin-facts>
    </div>`;
  }
}

interface Chart {
  heading: string;
  note: string;
  unit: string;
  /** The series count; the chart shows how fast they grow. */
  isRate?: boolean;
  lines: { key: string; label: string; colour?: number }[];
}

/** The courses that the server keeps of every plugin. */
function chartsOf(id: string): Chart[] {
  const line = (figure: Parameters<typeof pluginSeriesKey>[0], label: string, colour: number) => ({
    key: pluginSeriesKey(figure, id),
    label,
    colour,
  });
  return [
    { heading: "CPU", note: "% of one core", unit: "percent", lines: [line("cpu", "CPU", 0)] },
    { heading: "Memory", note: "its share", unit: "bytes", lines: [line("memory", "memory", 2)] },
    {
      heading: "Calls",
      note: "a second",
      unit: "per_second",
      isRate: true,
      lines: [line("answered", "answered", 0), line("failed", "failed", 4)],
    },
    {
      heading: "Duration",
      note: "of a call",
      unit: "seconds",
      lines: [line("median", "half within", 1), line("slowest", "99 % within", 3)],
    },
  ];
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-plugin-overview": BnPluginOverview;
  }
}
