import { html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../components/bn-copy.ts";
import "../components/bn-error.ts";
import "../components/bn-icon.ts";
import "../components/bn-schema-form.ts";
import type { SchemaFormChange } from "../components/bn-schema-form.ts";
import "../components/bn-table.ts";
import type { Column } from "../components/bn-table.ts";
import type { ChartLine } from "../components/chart-options.ts";
import { Action } from "../controllers/action.ts";
import { Observe } from "../controllers/observe.ts";
import type { LiveMetrics } from "../data/live.ts";
import type { Metrics } from "../data/metrics.ts";
import { nameOf, pluginHref, whyNoCalls } from "../data/plugin-words.ts";
import type { Plugins } from "../data/plugins.ts";
import type { Execution, Panel, Plugin } from "../data/plugins-types.ts";
import type { Session } from "../data/session.ts";
import type { TimeContext } from "../data/time-context.ts";
import { foreignBlock, foreignText, foreignValue } from "../lib/foreign-text.ts";
import { formatDuration } from "../lib/format.ts";
import { baseStyles, controlStyles, layoutStyles } from "../styles/shared.ts";
import "./bn-metric-chart.ts";
import { panelLines, panelRows, statOf } from "./plugin-panel-content.ts";
import { panelStyles } from "./plugin-panel-styles.ts";

const INDENT = 2;
const MAX_CELL = 200;

/** A panel that a plugin declares: a chart of its series, a figure, a table or a form. All of it is text, none of it markup. */
@customElement("bn-plugin-panel")
export class BnPluginPanel extends LitElement {
  static override styles = [baseStyles, controlStyles, layoutStyles, panelStyles];

  @property({ attribute: false }) panel: Panel | undefined;
  @property({ attribute: false }) plugin: Plugin | undefined;
  @property({ attribute: false }) plugins: Plugins | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) live: LiveMetrics | undefined;
  @property({ attribute: false }) metrics: Metrics | undefined;
  @property({ attribute: false }) time: TimeContext | undefined;
  /** Says whose it is: outside of the plugin's page. */
  @property({ type: Boolean }) named = false;
  @state() private execution: Execution | undefined;
  @state() private values: Record<string, unknown> = {};
  readonly #call = new Action(this);
  #leave: AbortController | undefined;
  #lines: readonly ChartLine[] = [];
  #askedFor: string | undefined;

  constructor() {
    super();
    new Observe(this, () => (this.#showsSeries ? this.live?.sample : undefined));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#leave?.abort();
  }

  get #showsSeries(): boolean {
    return this.panel?.kind === "metric" || (this.panel?.kind === "stat" && this.panel.series.length > 0);
  }

  get #canCall(): boolean {
    return this.session?.can("plugins:write") === true && this.plugin?.verbs.includes("execute") === true;
  }

  protected override willUpdate(): void {
    const lines = panelLines(this.panel, this.plugin?.id ?? "", this.live?.series.value);
    const isSame =
      lines.length === this.#lines.length && lines.every(({ key }, index) => key === this.#lines[index]?.key);
    if (!isSame) this.#lines = lines;
  }

  protected override updated(_changed: PropertyValues<this>): void {
    const { panel, plugin } = this;
    if (panel === undefined || plugin === undefined || this.#showsSeries || panel.kind === "form") return;
    // Asked once by itself: only while it runs already, so that looking at a page starts nothing.
    const key = `${plugin.id}/${panel.id}/${plugin.version}`;
    if (!this.#canCall || plugin.pid === null || key === this.#askedFor) return;
    this.#askedFor = key;
    void this.#ask(panel.input ?? undefined);
  }

  async #ask(input: unknown): Promise<void> {
    const { plugin, plugins } = this;
    if (plugin === undefined || plugins === undefined) return;
    const leave = new AbortController();
    this.#leave = leave;
    await this.#call.run(async () => {
      // A panel is no alert, no backup and no collection of values; only queries are asked as queries.
      const verb = plugin.type === "query" ? undefined : "execute";
      this.execution = await plugins.execute(plugin.id, input, leave.signal, verb);
    });
  }

  async #submit(): Promise<void> {
    const form = this.renderRoot.querySelector("bn-schema-form");
    if (form !== null && form.problems.size > 0) {
      await form.reveal();
      return;
    }
    const { input } = this.panel ?? {};
    const isGroup = typeof input === "object" && input !== null && !Array.isArray(input);
    await this.#ask(isGroup ? { ...input, ...this.values } : this.values);
  }

  #content(panel: Panel): unknown {
    switch (panel.kind) {
      case "table":
        return this.#table(panel);
      case "form":
        return this.#form(panel);
      case "stat":
        return this.#stat(panel);
      default:
        return nothing;
    }
  }

  #stat(panel: Panel): unknown {
    const { figure, suffix } = statOf(panel, this.execution?.result, this.#lines, this.live);
    if (figure === undefined) return this.#waiting();
    return html`<p class="stat"><b>${figure}</b> <span>${suffix}</span></p>`;
  }

  #table({ columns, title }: Panel): unknown {
    if (this.execution === undefined) return this.#waiting();
    const rows = panelRows(this.execution.result);
    if (rows === undefined)
      return html`<p class="note">The plugin answered with something that is no list of rows.</p>`;
    if (rows.length === 0) return html`<p class="note">No rows.</p>`;
    const names =
      columns.length > 0 ? columns : Object.keys(rows[0] ?? {}).map((field) => ({ field, title: field }));
    const drawn = names.map(
      ({ field, title: heading }): Column<Record<string, unknown>> => ({
        id: field,
        label: foreignText(heading, 60),
        draw: (row) => foreignValue(Object.hasOwn(row, field) ? row[field] : undefined, MAX_CELL),
      }),
    );
    return html`<bn-table
      label=${foreignText(title, 100)}
      .columns=${drawn}
      .rows=${rows}
      .keyOf=${(row: Record<string, unknown>) => rows.indexOf(row)}
    ></bn-table>`;
  }

  #form({ schema }: Panel): unknown {
    const { isBusy } = this.#call;
    const { execution } = this;
    const text =
      execution === undefined ? "" : (JSON.stringify(execution.result, undefined, INDENT) ?? "null");
    return html`<div class="content">
        <bn-schema-form
          .schema=${schema ?? {}}
          .values=${this.values}
          @change=${({ detail }: CustomEvent<SchemaFormChange>) => {
            this.values = detail.values;
          }}
          @confirm=${() => void this.#submit()}
        ></bn-schema-form>
        <button class="button primary" type="button" ?disabled=${isBusy || !this.#canCall} @click=${() => void this.#submit()}>
          <bn-icon name="play"></bn-icon>${isBusy ? "At work…" : "Run"}
        </button>
        ${this.#canCall ? nothing : html`<p class="soft">${this.#whyNot}</p>`}
      </div>
      ${
        execution === undefined
          ? nothing
          : html`<div class="content row">
              <span class="faint" role="status">Answered in ${formatDuration(execution.durationMs / 1000)}</span>
              <bn-copy compact .text=${text} label="Copy the answer"></bn-copy>
            </div>
            <pre tabindex="0" role="region" aria-label="Answer">${foreignBlock(text)}</pre>`
      }`;
  }

  /** Why it is not called. */
  get #whyNot(): string {
    return this.session?.can("plugins:write") === true
      ? whyNoCalls(this.plugin)
      : "You may look at plugins, but not call them.";
  }

  #waiting(): unknown {
    if (this.#call.isBusy) return html`<p class="note" role="status">Asking the plugin…</p>`;
    if (this.#showsSeries) return html`<p class="note">It records nothing at present.</p>`;
    return html`<p class="note">
      ${this.#canCall ? "The plugin has no process: asking it starts one." : this.#whyNot}
    </p>`;
  }

  #head(panel: Panel, plugin: Plugin): unknown {
    const canAsk = panel.kind !== "form" && !this.#showsSeries && this.#canCall;
    return html`<header>
      <h2><bdi>${foreignText(panel.title, 100)}</bdi></h2>
      <div class="row">
        ${this.named ? html`<a href=${pluginHref(plugin.id)}><bdi>${nameOf(plugin)}</bdi></a>` : nothing}
        ${
          canAsk
            ? html`<button
              class="button quiet icon-only"
              type="button"
              aria-label="Ask again: ${foreignText(panel.title, 100)}"
              ?disabled=${this.#call.isBusy}
              @click=${() => void this.#ask(panel.input ?? undefined)}
            >
              <bn-icon name="reload"></bn-icon>
            </button>`
            : nothing
        }
      </div>
    </header>`;
  }

  protected override render(): unknown {
    const { panel, plugin } = this;
    if (panel === undefined || plugin === undefined) return nothing;
    if (panel.kind === "metric" && this.#lines.length > 0)
      return html`<bn-metric-chart
        heading=${foreignText(panel.title, 100)}
        note=${this.named ? nameOf(plugin) : ""}
        unit=${this.live?.series.value.get(this.#lines[0]?.key ?? "")?.unit ?? "count"}
        .lines=${this.#lines}
        .metrics=${this.metrics}
        .live=${this.live}
        .time=${this.time}
        explorable
      ></bn-metric-chart>`;
    const { problem } = this.#call;
    return html`<section class="panel" aria-label=${foreignText(panel.title, 100)}>
      ${this.#head(panel, plugin)}
      ${panel.kind === "metric" ? this.#waiting() : nothing}
      ${problem === undefined ? this.#content(panel) : html`<bn-error .problem=${problem}></bn-error>${panel.kind === "form" ? this.#content(panel) : nothing}`}
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-plugin-panel": BnPluginPanel;
  }
}
