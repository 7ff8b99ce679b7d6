import { html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { classMap } from "lit/directives/class-map.js";
import type { PluginHealth } from "../../../schema/rules/plugins.ts";
import "../../components/bn-empty.ts";
import "../../components/bn-error.ts";
import "../../components/bn-skeleton.ts";
import "../../components/bn-status.ts";
import "../../components/bn-table.ts";
import type { Column } from "../../components/bn-table.ts";
import "../../components/bn-time.ts";
import { Action } from "../../controllers/action.ts";
import { Load } from "../../controllers/load.ts";
import { HEALTH_WORDS } from "../../data/plugin-words.ts";
import type { Plugins } from "../../data/plugins.ts";
import type { HealthPage, HealthRecord, Plugin } from "../../data/plugins-types.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { formatDuration, formatExact } from "../../lib/format.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import { healthStyles } from "./health-styles.ts";
import { pluginStyles } from "./plugin-styles.ts";

const STRIP_CHECKS = 90;
/** Checks that stand as rows until all are asked for. */
const SHOWN_CHECKS = 15;

const responseOf = (ms: number | null): string => (ms === null ? "no answer" : formatDuration(ms / 1000));
const healthOf = (status: PluginHealth): unknown =>
  html`<bn-status level=${HEALTH_WORDS[status].level}>${HEALTH_WORDS[status].word}</bn-status>`;

const COLUMNS: readonly Column<HealthRecord>[] = [
  { id: "at", label: "When", draw: ({ at }) => html`<bn-time .at=${at}></bn-time>` },
  { id: "status", label: "Health", draw: ({ status }) => healthOf(status) },
  {
    id: "response",
    label: "Answered in",
    draw: ({ responseMs }) => responseOf(responseMs),
    compare: (a, b) =>
      (a.responseMs ?? Number.POSITIVE_INFINITY) - (b.responseMs ?? Number.POSITIVE_INFINITY),
    isNumber: true,
  },
  { id: "message", label: "What it said", draw: ({ message }) => foreignText(message) || "–", isWide: true },
  {
    id: "dependencies",
    label: "What it depends on",
    draw: ({ dependencies }) => {
      const ill = dependencies.filter(({ status }) => status !== "healthy");
      if (dependencies.length === 0) return "–";
      return ill.length === 0
        ? `${dependencies.length} well`
        : ill.map(({ name }) => foreignText(name, 40)).join(", ");
    },
    isSecondary: true,
  },
];

/** How healthy a plugin was, check by check, and what it depends on now. */
@customElement("bn-plugin-health")
export class BnPluginHealth extends LitElement {
  static override styles = [baseStyles, controlStyles, layoutStyles, pluginStyles, healthStyles];

  @property({ attribute: false }) plugins: Plugins | undefined;
  @property({ attribute: false }) plugin: Plugin | undefined;
  @state() private older: readonly HealthRecord[] = [];
  @state() private cursor: string | null = null;
  @state() private isWhole = false;
  readonly #more = new Action(this);
  readonly #load = new Load<HealthPage | undefined>(this, async () => {
    const page = this.plugin === undefined ? undefined : await this.plugins?.health(this.plugin.id);
    if (this.older.length === 0) this.cursor = page?.nextCursor ?? null;
    return page;
  });

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has("plugin")) return;
    if (changed.get("plugin")?.id !== this.plugin?.id) this.older = [];
    void this.#load.run();
  }

  async #showOlder(): Promise<void> {
    const { plugin, cursor } = this;
    if (plugin === undefined || cursor === null) return;
    await this.#more.run(async () => {
      const page = await this.plugins?.health(plugin.id, cursor);
      this.older = [...this.older, ...(page?.items ?? [])];
      this.cursor = page?.nextCursor ?? null;
    });
  }

  #strip(records: readonly HealthRecord[]): unknown {
    const drawn = records.slice(0, STRIP_CHECKS).reverse();
    const well = drawn.filter(({ status }) => status === "healthy").length;
    const [first] = drawn;
    const last = drawn.at(-1);
    return html`<div class="strip" role="img" aria-label="${well} of the last ${drawn.length} checks found it healthy">
        ${Array.from({ length: STRIP_CHECKS - drawn.length }, () => html`<i class="none"></i>`)}
        ${drawn.map(
          ({ status, at }) =>
            html`<i class=${classMap({ [status]: true })} title="${HEALTH_WORDS[status].word}, ${formatExact(Date.parse(at))}"></i>`,
        )}
      </div>
      <div class="ends">
        <span><bn-time .at=${first?.at ?? null}></bn-time></span>
        <span>${well} of ${drawn.length} healthy</span>
        <span><bn-time .at=${last?.at ?? null}></bn-time></span>
      </div>`;
  }

  #dependencies({ dependencies }: HealthRecord): unknown {
    if (dependencies.length === 0) return nothing;
    return html`<section class="panel dependencies" aria-labelledby="dependencies">
      <header><h2 id="dependencies">What it depends on</h2><span class="faint">At its last check</span></header>
      <ul>
        ${dependencies.map(
          ({ name, status, responseMs }) =>
            html`<li>${healthOf(status)}<span class="wrap">${foreignText(name, 200)}</span><span>${responseMs === null ? "–" : responseOf(responseMs)}</span></li>`,
        )}
      </ul>
    </section>`;
  }

  #records(page: HealthPage): unknown {
    const records = [...page.items, ...this.older];
    const [latest] = records;
    if (latest === undefined)
      return html`<section class="panel">
        <bn-empty
          icon="check"
          heading="It was not checked yet"
          text="A plugin that defines health() is asked by schedule; each answer will stand here with the time it took."
        ></bn-empty>
      </section>`;
    return html`${this.#dependencies(latest)}
      <section class="panel" aria-labelledby="history">
        <header><h2 id="history">History</h2>${healthOf(page.status)}</header>
        ${this.#strip(records)}
        <bn-table
          label="Health checks"
          .columns=${COLUMNS}
          .rows=${this.isWhole ? records : records.slice(0, SHOWN_CHECKS)}
          .keyOf=${(row: HealthRecord) => row.at}
        ></bn-table>
        ${this.#further(records.length)}
        ${this.#more.problem === undefined ? nothing : html`<bn-error .problem=${this.#more.problem}></bn-error>`}
      </section>`;
  }

  #further(count: number): unknown {
    if (!this.isWhole && count > SHOWN_CHECKS)
      return html`<div class="more">
        <button
          class="button"
          type="button"
          @click=${() => {
            this.isWhole = true;
          }}
        >
          Show all ${count} checks
        </button>
      </div>`;
    if (this.cursor === null) return nothing;
    return html`<div class="more">
      <button class="button" type="button" ?disabled=${this.#more.isBusy} @click=${() => void this.#showOlder()}>
        Show older checks
      </button>
    </div>`;
  }

  protected override render(): unknown {
    const { state } = this.#load;
    if (state.kind === "failed")
      return html`<section class="panel"><bn-error .problem=${state.problem} can-retry @retry=${() => void this.#load.run()}></bn-error></section>`;
    if (state.kind === "loading" || state.value === undefined)
      return html`<bn-skeleton shape="block"></bn-skeleton>`;
    return html`<div class="stack">${this.#records(state.value)}</div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-plugin-health": BnPluginHealth;
  }
}
