import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { AlertVerb } from "../../../schema/rules/alert-states.ts";
import "../../components/bn-copy.ts";
import "../../components/bn-status.ts";
import "../../components/bn-subject-head.ts";
import "../../components/bn-time.ts";
import { drawLoad } from "../../components/drawn-load.ts";
import { Action } from "../../controllers/action.ts";
import { Load } from "../../controllers/load.ts";
import { Observe } from "../../controllers/observe.ts";
import type { AlertWatch } from "../../data/alert-watch.ts";
import { ALERT_VERB_WORDS, SEVERITY_WORDS, stateOf } from "../../data/alert-words.ts";
import type { Alerts } from "../../data/alerts.ts";
import type { AlertDetail, AlertNotices, Defined } from "../../data/alerts-types.ts";
import type { Metrics } from "../../data/metrics.ts";
import type { Session } from "../../data/session.ts";
import type { Toasts } from "../../data/toasts.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { formatExact, formatFigure } from "../../lib/format.ts";
import type { TimeWindow } from "../../lib/time-range.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-alert-course.ts";
import "./bn-alert-told.ts";
import "./bn-series-history.ts";
import "./bn-verb-dialog.ts";
import { tabHref } from "./filters.ts";
import { offeredVerbs, performOn } from "./verbs.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Shown before it was raised and after it was over. */
const LEAST_MARGIN_MS = 30 * MINUTE_MS;
const MAX_MESSAGE = 2_000;
const EVENT_RANGES = [
  { id: "15m", ms: 15 * MINUTE_MS },
  { id: "1h", ms: HOUR_MS },
  { id: "", ms: 24 * HOUR_MS },
] as const;

interface Shown {
  alert: AlertDetail;
  told: AlertNotices;
  rule: Defined<"rule"> | undefined;
  window: TimeWindow;
}

/** One alert: what it says, what became of it, the values it speaks of, and who was told. */
@customElement("bn-alert-page")
export class BnAlertPage extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    layoutStyles,
    css`
      h2.what {
        margin-top: var(--space-2);
        font-size: var(--text-20);
        overflow-wrap: anywhere;
        white-space: pre-line;
      }

      .severity {
        font-size: var(--text-13);
      }

      dl {
        display: grid;
        grid-template-columns: 130px minmax(0, 1fr);
        align-items: baseline;
        gap: var(--space-2) var(--space-4);
        padding: var(--space-4);
        font-size: var(--text-13);
      }

      dt {
        color: var(--faint);
      }

      dd {
        overflow-wrap: anywhere;
      }

      .chart {
        padding: var(--space-4);
      }
    `,
  ];

  @property({ attribute: false }) alerts: Alerts | undefined;
  @property({ attribute: false }) watch: AlertWatch | undefined;
  @property({ attribute: false }) metrics: Metrics | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  @property({ attribute: false }) now: () => number = Date.now;
  @property({ attribute: false }) alertId = "";
  readonly #load = new Load<Shown | undefined>(this, () => this.#read());
  readonly #verb = new Action(this);

  constructor() {
    super();
    new Observe(
      this,
      () => this.watch?.changed,
      () => void this.#load.run(),
    );
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("alertId") && this.alertId !== "") void this.#load.run();
  }

  async #read(): Promise<Shown | undefined> {
    const { alerts, alertId } = this;
    if (alerts === undefined) return undefined;
    const [alert, told, rules] = await Promise.all([
      alerts.get(alertId),
      alerts.notices(alertId),
      alerts.listDefined("rule"),
    ]);
    const rule = rules.find(({ id }) => id === alert.ruleId);
    return { alert, told, rule, window: windowAround(alert, this.now()) };
  }

  async #perform(verb: AlertVerb, alert: AlertDetail): Promise<void> {
    const { alerts, watch, toasts } = this;
    if (alerts === undefined || watch === undefined || toasts === undefined) return;
    const isPlain = verb === "unmute" || verb === "reopen";
    const dialog = this.renderRoot.querySelector("bn-verb-dialog");
    const details = isPlain ? {} : await dialog?.ask(verb, [alert]);
    if (details === undefined) return;
    await this.#verb.run(async () => {
      await performOn({ alerts, watch, toasts }, verb, [alert], details);
    });
    await this.#load.run();
  }

  #head(alert: AlertDetail): unknown {
    const { level, word } = stateOf(alert);
    const [first] = offeredVerbs(alert, this.session);
    return html`<div class="row">
        <bn-status level=${level}>${word}</bn-status>
        <span class="soft severity">${SEVERITY_WORDS[alert.severity].word}</span>
      </div>
      <h2 class="what"><bdi>${foreignText(alert.message, MAX_MESSAGE)}</bdi></h2>
      <div class="row" slot="verbs">
        ${offeredVerbs(alert, this.session).map(
          (verb) =>
            html`<button
              class=${verb === first ? "button primary" : "button"}
              type="button"
              ?disabled=${this.#verb.isBusy}
              @click=${() => void this.#perform(verb, alert)}
            >
              ${ALERT_VERB_WORDS[verb].label}
            </button>`,
        )}
      </div>`;
  }

  #facts({ alert, rule, window }: Shown): unknown {
    const labels = Object.entries(alert.labels);
    return html`<section class="panel" aria-labelledby="facts">
      <header><h2 id="facts">What is known</h2></header>
      <dl>
        <dt>Type</dt>
        <dd class="mono">${foreignText(alert.type)}</dd>
        ${labels.map(([name, value]) => html`<dt>${foreignText(name)}</dt><dd><bdi>${foreignText(value)}</bdi></dd>`)}
        <dt>Since</dt>
        <dd>${formatExact(Date.parse(alert.raisedAt))} (<bn-time .at=${alert.raisedAt}></bn-time>)</dd>
        <dt>Raised</dt>
        <dd>${alert.occurrences === 1 ? "once" : `${formatFigure(alert.occurrences, 0)} times`}, last <bn-time .at=${alert.lastSeenAt}></bn-time></dd>
        ${alert.mutedUntil === null ? nothing : html`<dt>Muted until</dt><dd>${formatExact(Date.parse(alert.mutedUntil))}</dd>`}
        <dt>By</dt>
        <dd>${sourceOf(alert, rule)}</dd>
        <dt>Id</dt>
        <dd><code>${alert.id}</code> <bn-copy compact .text=${alert.id} label="Copy the id"></bn-copy></dd>
        <dt>At that time</dt>
        <dd class="row">${this.#links(alert, window)}</dd>
      </dl>
    </section>`;
  }

  #links({ raisedAt }: AlertDetail, { fromMs, toMs }: TimeWindow): unknown {
    const ageMs = this.now() - Date.parse(raisedAt);
    const range = (EVENT_RANGES.find(({ ms }) => ageMs < ms) ?? { id: "all" }).id;
    const span = new URLSearchParams({ from: String(Math.round(fromMs)), to: String(Math.round(toMs)) });
    return html`<a href=${range === "" ? "/events" : `/events?range=${range}`}>Events</a>
      ${this.session?.can("logs:read") ? html`<a href="/logs?${span}">Logs</a>` : nothing}
      <a href="/?${span}">Overview</a>`;
  }

  #chart({ alert, rule, window }: Shown): unknown {
    const { condition } = rule ?? {};
    if (condition === undefined || condition.kind === "event") return nothing;
    const limits = condition.kind === "threshold" ? [condition.value] : [];
    const spans = [{ fromMs: Date.parse(alert.raisedAt), toMs: endOf(alert, this.now()) }];
    return html`<section class="panel" aria-labelledby="values">
      <header><h2 id="values">Its values around that time</h2></header>
      <div class="chart">
        <bn-series-history
          label="Values around the alert"
          .metrics=${this.metrics}
          .choice=${{ name: condition.series.name, labels: alert.labels }}
          .window=${window}
          .marks=${{ limits, spans }}
        ></bn-series-history>
      </div>
    </section>`;
  }

  #page(shown: Shown): unknown {
    return html`<div class="grid">
        <div class="half stack">
          ${this.#facts(shown)}
          <bn-alert-told .told=${shown.told}></bn-alert-told>
        </div>
        <div class="half stack">
          ${this.#chart(shown)}
          <bn-alert-course .timeline=${shown.alert.timeline}></bn-alert-course>
        </div>
      </div>
      <bn-verb-dialog></bn-verb-dialog>`;
  }

  protected override render(): unknown {
    const shown = this.#load.value;
    return html`<bn-subject-head href="/alerts" label="All alerts">
        ${shown === undefined ? nothing : this.#head(shown.alert)}
      </bn-subject-head>
      ${drawLoad(this.#load, (known) => this.#page(known))}`;
  }
}

function sourceOf({ source, labels }: AlertDetail, rule: Defined<"rule"> | undefined): unknown {
  if (source === "caller") return "a program or person";
  if (source === "error") {
    const incident = labels.incident ?? "";
    return html`<a href="/errors?id=${encodeURIComponent(incident)}">the error centre</a>`;
  }
  if (rule === undefined) return "a rule that was removed";
  return html`the rule <a href=${tabHref("rules", { rule: rule.id })}><bdi>${foreignText(rule.name)}</bdi></a>`;
}

const endOf = ({ state, stateChangedAt }: AlertDetail, nowMs: number): number =>
  state === "resolved" ? Date.parse(stateChangedAt) : nowMs;

/** The time of an alert with a margin on both sides. */
function windowAround(alert: AlertDetail, nowMs: number): TimeWindow {
  const fromMs = Date.parse(alert.raisedAt);
  const toMs = endOf(alert, nowMs);
  const marginMs = Math.max(LEAST_MARGIN_MS, (toMs - fromMs) / 2);
  return { fromMs: fromMs - marginMs, toMs: Math.min(nowMs, toMs + marginMs) };
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-alert-page": BnAlertPage;
  }
}
