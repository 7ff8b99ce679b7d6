import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property } from "lit/decorators.js";
import { compareSeverities } from "../../schema/rules/severities.ts";
import "../components/bn-error.ts";
import "../components/bn-skeleton.ts";
import "../components/bn-span-strip.ts";
import type { Span } from "../components/bn-span-strip.ts";
import { Load } from "../controllers/load.ts";
import { Observe } from "../controllers/observe.ts";
import type { AlertWatch } from "../data/alert-watch.ts";
import { alertHref, SEVERITY_WORDS, stateOf } from "../data/alert-words.ts";
import type { Alerts } from "../data/alerts.ts";
import type { Alert } from "../data/alerts-types.ts";
import { foreignText } from "../lib/foreign-text.ts";
import { formatDayAndTime, formatFigure } from "../lib/format.ts";
import type { TimeWindow } from "../lib/time-range.ts";
import { baseStyles, layoutStyles } from "../styles/shared.ts";

/** Types that have a line of their own. */
const MAX_LANES = 8;
const MAX_ALERTS = 1_000;
const MAX_TITLE = 160;
const MAX_TYPE = 40;
const MS_PER_MINUTE = 60_000;

interface Lane {
  type: string;
  alerts: readonly Alert[];
}

/** What fired when, a line for each type, over a span of time that may move. */
@customElement("bn-alert-timeline")
export class BnAlertTimeline extends LitElement {
  static override styles = [
    baseStyles,
    layoutStyles,
    css`
      .lanes {
        display: grid;
        gap: var(--space-2);
        padding: var(--space-4);
      }

      .lane {
        display: grid;
        grid-template-columns: minmax(90px, 200px) minmax(0, 1fr) 160px;
        align-items: center;
        gap: var(--space-4);
        font-size: var(--text-13);
      }

      .lane > :first-child {
        min-width: 0;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }

      .lane > :last-child {
        color: var(--faint);
        text-align: right;
        white-space: nowrap;
      }

      .ends {
        display: flex;
        justify-content: space-between;
        color: var(--faint);
        font-size: var(--text-12);
        font-variant-numeric: tabular-nums;
      }

      header a {
        color: var(--soft);
        font-size: var(--text-12);
        font-weight: 500;
        text-decoration: none;
      }

      header a:hover {
        color: var(--ink);
      }

      .quiet,
      .lanes > p {
        color: var(--soft);
        font-size: var(--text-13);
      }

      .quiet {
        padding: var(--space-4);
      }

      @media (max-width: 720px) {
        .lane {
          grid-template-columns: minmax(0, 1fr) auto;
          gap: 2px var(--space-3);
        }

        .lane bn-span-strip {
          grid-column: 1 / -1;
          grid-row: 2;
        }

        .lane .ends {
          grid-column: 1 / -1;
        }

        .lane a {
          padding: 12px 0;
          margin: -12px 0;
        }
      }
    `,
  ];

  @property() heading = "What fired when";
  @property({ attribute: false }) alerts: Alerts | undefined;
  @property({ attribute: false }) watch: AlertWatch | undefined;
  @property({ attribute: false }) window: TimeWindow = { fromMs: 0, toMs: 1 };
  /** Shows the way to the page of alerts. */
  @property({ type: Boolean }) explorable = false;
  readonly #load = new Load<{ items: readonly Alert[]; isCut: boolean }>(this, () => this.#read());
  #asked = "";

  constructor() {
    super();
    new Observe(
      this,
      () => this.watch?.changed,
      () => void this.#load.run(),
    );
  }

  protected override updated(_changed: PropertyValues<this>): void {
    // A moving span asks again only once it has left a minute behind: what is new is told by itself.
    const { fromMs, toMs } = this.window;
    const question = `${Math.round(fromMs / MS_PER_MINUTE)} ${Math.round((toMs - fromMs) / MS_PER_MINUTE)}`;
    if (this.alerts === undefined || question === this.#asked) return;
    this.#asked = question;
    void this.#load.run();
  }

  async #read(): Promise<{ items: readonly Alert[]; isCut: boolean }> {
    const { fromMs } = this.window;
    const filter = { openSince: new Date(fromMs).toISOString() };
    return (await this.alerts?.listWorst(filter, MAX_ALERTS)) ?? { items: [], isCut: false };
  }

  #lanes(alerts: readonly Alert[]): Lane[] {
    const { fromMs, toMs } = this.window;
    const seen = alerts.filter(({ raisedAt }) => Date.parse(raisedAt) <= toMs);
    const isIn = ({ state, stateChangedAt }: Alert) =>
      state !== "resolved" || Date.parse(stateChangedAt) >= fromMs;
    const lanes = [...Map.groupBy(seen.filter(isIn), ({ type }) => type)].map(([type, of]) => ({
      type,
      alerts: of,
    }));
    return lanes.sort(
      (a, b) => compareSeverities(worstOf(b), worstOf(a)) || b.alerts.length - a.alerts.length,
    );
  }

  #lane({ type, alerts }: Lane): unknown {
    const open = alerts.filter(({ state }) => state !== "resolved").length;
    const count = alerts.length === 1 ? "1 alert" : `${formatFigure(alerts.length, 0)} alerts`;
    return html`<li class="lane">
      <a class="mono" href="/alerts?state=all&type=${encodeURIComponent(type)}" title=${foreignText(type)}>${foreignText(type, MAX_TYPE)}</a>
      <bn-span-strip .window=${this.window} .spans=${alerts.map((alert) => spanOf(alert, this.window.toMs))}></bn-span-strip>
      <span>${open === 0 ? count : `${count}, ${formatFigure(open, 0)} open`}</span>
    </li>`;
  }

  #content(): unknown {
    const { state } = this.#load;
    if (state.kind === "failed")
      return html`<bn-error .problem=${state.problem} can-retry @retry=${() => void this.#load.run()}></bn-error>`;
    if (state.kind === "loading") return html`<bn-skeleton shape="line"></bn-skeleton>`;
    const lanes = this.#lanes(state.value.items);
    if (lanes.length === 0) return html`<p class="quiet">Nothing fired in this time.</p>`;
    const hidden = lanes.slice(MAX_LANES);
    return html`<div class="lanes">
      <ul class="stack">
        ${lanes.slice(0, MAX_LANES).map((lane) => this.#lane(lane))}
      </ul>
      <div class="lane">
        <span></span>
        <div class="ends">
          <span>${formatDayAndTime(this.window.fromMs)}</span><span>${formatDayAndTime(this.window.toMs)}</span>
        </div>
        <span></span>
      </div>
      ${hidden.length === 0 ? nothing : html`<p class="faint">and ${hidden.length === 1 ? "1 more type" : `${hidden.length} more types`}</p>`}
      ${state.value.isCut ? html`<p class="faint">Of ${formatFigure(MAX_ALERTS, 0)} alerts, the worst; there are more.</p>` : nothing}
    </div>`;
  }

  protected override render(): unknown {
    return html`<section class="panel" aria-labelledby="fired">
      <header>
        <h2 id="fired">${this.heading}</h2>
        ${this.explorable ? html`<a href="/alerts">All alerts</a>` : html`<slot></slot>`}
      </header>
      ${this.#content()}
    </section>`;
  }
}

const worstOf = ({ alerts }: Lane): Alert["severity"] =>
  alerts.reduce<Alert["severity"]>(
    (worst, { severity }) => (compareSeverities(severity, worst) > 0 ? severity : worst),
    "LOW",
  );

function spanOf(alert: Alert, nowMs: number): Span {
  const { level } = SEVERITY_WORDS[alert.severity];
  const toMs = alert.state === "resolved" ? Date.parse(alert.stateChangedAt) : nowMs;
  return {
    fromMs: Date.parse(alert.raisedAt),
    toMs,
    level: level === "calm" ? "unknown" : level,
    title: `${stateOf(alert).word}, ${SEVERITY_WORDS[alert.severity].word.toLowerCase()}: ${foreignText(alert.message, MAX_TITLE)}`,
    href: alertHref(alert.id),
  };
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-alert-timeline": BnAlertTimeline;
  }
}
