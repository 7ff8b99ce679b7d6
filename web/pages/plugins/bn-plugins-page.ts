import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { PluginVerb } from "../../../schema/rules/plugins.ts";
import { confirmStep } from "../../components/bn-dialog.ts";
import "../../components/bn-empty.ts";
import "../../components/bn-error.ts";
import "../../components/bn-icon.ts";
import "../../components/bn-menu.ts";
import "../../components/bn-skeleton.ts";
import "../../components/bn-table.ts";
import { MetricWindow } from "../../controllers/metric-window.ts";
import { Observe } from "../../controllers/observe.ts";
import type { LiveMetrics } from "../../data/live.ts";
import type { Metrics } from "../../data/metrics.ts";
import { attentionOf } from "../../data/plugin-attention.ts";
import { pluginSeriesKey } from "../../data/plugin-series.ts";
import type { PluginWatch } from "../../data/plugin-watch.ts";
import type { BulkVerb, Plugins } from "../../data/plugins.ts";
import type { Plugin } from "../../data/plugins-types.ts";
import type { Session } from "../../data/session.ts";
import { TimeContext } from "../../data/time-context.ts";
import type { Toasts } from "../../data/toasts.ts";
import { formatBytes, formatValue } from "../../lib/format.ts";
import "../../panels/bn-attention-panel.ts";
import "../../panels/bn-sandbox-notice.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-first-plugin.ts";
import "./bn-install-dialog.ts";
import "./bn-plugin-filters.ts";
import "./bn-removed-plugins.ts";
import { bulkTold } from "./bulk.ts";
import { pluginColumns } from "./columns.ts";
import { foundPlugins, type PluginQuery, readPluginQuery } from "./filters.ts";
import { pluginsPageStyles } from "./page-styles.ts";
import { offeredVerbs, performVerb, undoOf } from "./verbs.ts";

const COURSE_MS = 15 * 60_000;
const COURSE_POINTS = 60;
/** Plugins whose course is drawn in the list; of more, the figures alone. */
const MAX_COURSES = 100;

/** Every plugin: what needs a person first, then state, rights and figures of each. Fires `filter` (CustomEvent<PluginQuery>). */
@customElement("bn-plugins-page")
export class BnPluginsPage extends LitElement {
  static override styles = [baseStyles, controlStyles, layoutStyles, pluginsPageStyles];

  @property({ attribute: false }) plugins: Plugins | undefined;
  @property({ attribute: false }) watch: PluginWatch | undefined;
  @property({ attribute: false }) live: LiveMetrics | undefined;
  @property({ attribute: false }) metrics: Metrics | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  @property({ attribute: false }) query = new URLSearchParams();
  @state() private isOver = false;
  #courses: MetricWindow | undefined;

  constructor() {
    super();
    new Observe(this, () => this.watch?.plugins);
    new Observe(this, () => this.watch?.problem);
    new Observe(this, () => this.watch?.sandbox);
  }

  protected override willUpdate(): void {
    const { live, metrics } = this;
    if (live === undefined || metrics === undefined) return;
    if (this.#courses === undefined) {
      const time = new TimeContext(() => live.now());
      time.choose({ kind: "last", durationMs: COURSE_MS });
      this.#courses = new MetricWindow(this, () => ({ metrics, live, time }), COURSE_POINTS);
    }
    const running = (this.watch?.plugins.value ?? []).filter(({ pid }) => pid !== null).slice(0, MAX_COURSES);
    const keys = running.flatMap(({ id }) => [pluginSeriesKey("cpu", id), pluginSeriesKey("memory", id)]);
    this.#courses.show(keys);
  }

  get #filter(): PluginQuery {
    return readPluginQuery(this.query);
  }

  #passOn({ detail }: CustomEvent<PluginQuery>): void {
    this.dispatchEvent(new CustomEvent("filter", { detail }));
  }

  async #run(plugin: Plugin, verb: PluginVerb): Promise<void> {
    const { plugins } = this;
    if (plugins === undefined) return;
    try {
      const told = await performVerb(plugins, plugin, verb);
      if (told === undefined) return;
      const parts = { plugins, toasts: this.toasts, after: () => this.#lookAgain() };
      this.toasts?.say(told, "calm", undoOf(parts, plugin, verb));
    } catch (error) {
      this.toasts?.sayFailure(error);
    }
    await this.#lookAgain();
  }

  async #lookAgain(): Promise<void> {
    this.renderRoot.querySelector("bn-removed-plugins")?.reload();
    await this.watch?.look();
  }

  async #all(verb: BulkVerb): Promise<void> {
    const isSure =
      verb !== "stop" ||
      (await confirmStep({
        heading: "Stop every plugin?",
        consequence:
          "Calls under way finish. Alerts are not delivered and checks of plugins do not run until they are started again, by hand or by the next start of the server.",
        verb: "Stop every plugin",
      }));
    if (!isSure) return;
    try {
      const outcome = await this.plugins?.all(verb);
      if (outcome !== undefined) this.toasts?.say(...bulkTold(verb, outcome));
    } catch (error) {
      this.toasts?.sayFailure(error);
    }
    await this.#lookAgain();
  }

  get #canInstall(): boolean {
    return this.session?.can("plugins:admin") === true;
  }

  #drag(event: DragEvent): void {
    if (!this.#canInstall || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.isOver = event.type === "dragover";
    if (event.type === "drop") this.#install(event.dataTransfer.files.item(0) ?? undefined);
  }

  #install(archive?: File): void {
    void this.renderRoot.querySelector("bn-install-dialog")?.open(archive);
  }

  #head(all: readonly Plugin[]): unknown {
    const running = all.filter(({ pid }) => pid !== null);
    const memory = running.reduce((sum, { memoryBytes }) => sum + (memoryBytes ?? 0), 0);
    const cpu = running.reduce((sum, { cpuPercent }) => sum + (cpuPercent ?? 0), 0);
    const bulk = (label: string, verb: BulkVerb, icon: "play" | "stop" | "reload") => ({
      label,
      icon,
      run: () => void this.#all(verb),
    });
    const items = [
      bulk("Start all", "start", "play"),
      bulk("Stop all", "stop", "stop"),
      ...(this.session?.can("plugins:admin") ? [bulk("Reload all", "reload", "reload")] : []),
    ];
    return html`<header>
      <div class="row">
        <h2 id="heading">${all.length === 1 ? "1 plugin" : `${all.length} plugins`}</h2>
        <span class="faint"
          >${running.length} running${running.length === 0 ? nothing : ` · ${formatBytes(memory)} · ${formatValue(cpu, "percent")} of a core`}</span
        >
      </div>
      <div class="row">
        ${
          this.session?.can("plugins:write")
            ? html`<bn-menu label="All plugins" .items=${items}><bn-icon name="more"></bn-icon></bn-menu>`
            : nothing
        }
        ${
          this.#canInstall
            ? html`<button class="button primary" type="button" @click=${() => this.#install()}>
              <bn-icon name="plus"></bn-icon>Install
            </button>`
            : nothing
        }
      </div>
    </header>`;
  }

  #content(all: readonly Plugin[]): unknown {
    const rows = foundPlugins(all, this.#filter);
    if (rows.length === 0)
      return all.length === 0
        ? html`<bn-empty
            icon="plug"
            heading="No plugins yet"
            text="Plugins send alerts, make backups, watch what Binnacle does not know. Save a file in the plugins folder and it appears here by itself."
          ></bn-empty>`
        : html`<bn-empty icon="search" heading="No plugin fits this filter" text="${all.length} are hidden by it.">
            <a class="button" href="/plugins">Show all plugins</a>
          </bn-empty>`;
    const courses = this.#courses ?? { frame: { t: [], lines: [] }, window: { fromMs: 0, toMs: 1 } };
    return html`<bn-table
      label="Plugins"
      .columns=${pluginColumns(
        courses,
        (plugin) => offeredVerbs(plugin, this.session),
        (plugin, verb) => void this.#run(plugin, verb),
      )}
      .rows=${rows}
      .keyOf=${(row: Plugin) => row.id}
    ></bn-table>`;
  }

  #list(): unknown {
    const all = this.watch?.plugins.value;
    const problem = this.watch?.problem.value;
    if (all === undefined)
      return problem === undefined
        ? html`<bn-skeleton shape="block"></bn-skeleton>`
        : problem.status === 404
          ? html`<bn-empty
              icon="plug"
              heading="Plugins are switched off"
              text="This server was told to run without them: features.plugins, or ENABLE_PLUGIN_SYSTEM in its environment."
            >
              <a class="button" href="/configuration?q=features.plugins">To the setting</a>
            </bn-empty>`
          : html`<bn-error .problem=${problem} can-retry @retry=${() => void this.watch?.look()}></bn-error>`;
    return html`${this.#head(all)}
      <bn-plugin-filters .query=${this.#filter} @filter=${this.#passOn}></bn-plugin-filters>
      ${this.#content(all)}`;
  }

  protected override render(): unknown {
    const all = this.watch?.plugins.value ?? [];
    const needs = attentionOf(all);
    const sandbox = this.watch?.sandbox.value?.level === "process" ? this.watch.sandbox.value : undefined;
    const isNew = this.watch?.plugins.value !== undefined && all.every(({ origin }) => origin === "bundled");
    return html`<div class="stack">
      ${sandbox === undefined ? nothing : html`<bn-sandbox-notice .sandbox=${sandbox}></bn-sandbox-notice>`}
      ${needs.length === 0 ? nothing : html`<bn-attention-panel .items=${needs} known></bn-attention-panel>`}
      <section
        class=${this.isOver ? "panel drop over" : "panel drop"}
        aria-label="Plugins"
        @dragover=${this.#drag}
        @dragleave=${this.#drag}
        @drop=${this.#drag}
      >
        ${this.#list()}
      </section>
      ${isNew ? html`<bn-first-plugin></bn-first-plugin>` : nothing}
      ${
        this.#canInstall
          ? html`<bn-removed-plugins
            .plugins=${this.plugins}
            .toasts=${this.toasts}
            @restored=${() => void this.watch?.look()}
          ></bn-removed-plugins>`
          : nothing
      }
      <bn-install-dialog .plugins=${this.plugins} @installed=${() => void this.watch?.look()}></bn-install-dialog>
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-plugins-page": BnPluginsPage;
  }
}
