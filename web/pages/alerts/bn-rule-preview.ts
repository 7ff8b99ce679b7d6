import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../../components/bn-error.ts";
import "../../components/bn-span-strip.ts";
import "../../components/bn-status.ts";
import type { ChartMarks } from "../../components/chart-options.ts";
import { Load } from "../../controllers/load.ts";
import type { Alerts } from "../../data/alerts.ts";
import type { RuleBody, RulePreview } from "../../data/alerts-types.ts";
import type { Metrics } from "../../data/metrics.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { formatDayAndTime, formatDuration } from "../../lib/format.ts";
import type { TimeWindow } from "../../lib/time-range.ts";
import { chipStyles } from "../../styles/chips.ts";
import { baseStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-series-history.ts";
import { timesText } from "./rule-words.ts";
import type { SeriesChoice } from "./series-choice.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const RANGES = [
  { label: "1 h", ms: HOUR_MS, words: "the last hour" },
  { label: "6 h", ms: 6 * HOUR_MS, words: "the last 6 hours" },
  { label: "24 h", ms: 24 * HOUR_MS, words: "the last 24 hours" },
  { label: "7 d", ms: 168 * HOUR_MS, words: "the last week" },
  { label: "30 d", ms: 720 * HOUR_MS, words: "the last 30 days" },
] as const;
type PastRange = (typeof RANGES)[number];
const WEEK = RANGES[3];
/** A pause in typing after which history is asked. */
const TYPING_PAUSE_MS = 350;
const LISTED = 10;
/** A range that holds nearly all of what there is shows more of it than the next, which is mostly empty. */
const NEARLY = 1.5;
const MAX_NAME = 80;

interface Outcome {
  preview: RulePreview;
  window: TimeWindow;
}

/** What a rule would have done in the past: the values with its limit, when it would have fired, and how often. */
@customElement("bn-rule-preview")
export class BnRulePreview extends LitElement {
  static override styles = [
    baseStyles,
    layoutStyles,
    chipStyles,
    css`
      .content {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-4);
        padding: var(--space-4);
      }

      button.chip {
        background: none;
        font-family: inherit;
        cursor: pointer;
      }

      button.chip[aria-pressed="true"] {
        border-color: var(--brass);
        background: var(--brass-wash);
        color: var(--brass-ink);
      }

      .told {
        font-size: var(--text-16);
        font-weight: 600;
      }

      .note,
      li {
        color: var(--soft);
        font-size: var(--text-13);
        overflow-wrap: anywhere;
      }

      ul {
        display: grid;
        gap: var(--space-1);
      }

      h3 {
        font-size: var(--text-13);
      }
    `,
  ];

  @property({ attribute: false }) alerts: Alerts | undefined;
  @property({ attribute: false }) metrics: Metrics | undefined;
  /** Undefined while the fields do not make one. */
  @property({ attribute: false }) rule: RuleBody | undefined;
  /** The series that it is to speak of, known before the rule is whole. */
  @property({ attribute: false }) choice: SeriesChoice | undefined;
  @property({ attribute: false }) now: () => number = Date.now;
  /** A week, or on a young server what there is of it, unless the reader chooses. */
  @state() private range: PastRange = WEEK;
  /** Set while the reader looks closer. */
  @state() private zoomed: TimeWindow | undefined;
  readonly #load = new Load<Outcome | undefined>(this, () => this.#read());
  #asked = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  protected override firstUpdated(): void {
    void this.#fitRange();
  }

  async #fitRange(): Promise<void> {
    const sinceMs = await this.metrics?.firstSampleAtMs().catch(() => undefined);
    if (sinceMs === undefined || this.range !== WEEK) return;
    this.range = RANGES.find(({ ms }) => ms * NEARLY >= this.now() - sinceMs && ms <= WEEK.ms) ?? WEEK;
  }

  protected override updated(): void {
    const { rule } = this;
    if (rule === undefined) return;
    const question = JSON.stringify([rule.condition, this.range.ms, this.zoomed]);
    if (question === this.#asked) return;
    const isFirst = this.#asked === "";
    this.#asked = question;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#load.run(), isFirst ? 0 : TYPING_PAUSE_MS);
  }

  async #read(): Promise<Outcome | undefined> {
    const { alerts, rule } = this;
    if (alerts === undefined || rule === undefined) return undefined;
    const toMs = this.now();
    const window = this.zoomed ?? { fromMs: toMs - this.range.ms, toMs };
    // What it is called does not matter here, and may not be right yet.
    const named = { ...rule, name: "preview", alertType: "preview" };
    return { preview: await alerts.preview(named, window.fromMs, window.toMs), window };
  }

  #choose(range: PastRange): void {
    this.zoomed = undefined;
    this.range = range;
  }

  #told({ fired }: RulePreview): unknown {
    const when = this.zoomed === undefined ? `in ${this.range.words}` : "in the time shown";
    return fired === 0
      ? html`<bn-status level="calm">Would not have fired ${when}</bn-status>`
      : html`<bn-status level="watch">Would have fired ${timesText(fired)} ${when}</bn-status>`;
  }

  #note({ looked, isCut }: RulePreview, rule: RuleBody): string {
    const isEvent = rule.condition.kind === "event";
    const noun = isEvent ? "event" : "series";
    if (looked === 0)
      return isEvent
        ? "No such event is kept from that time."
        : "No series of that name and labels is known yet.";
    const count = looked === 1 ? `1 ${noun}` : `${looked} ${isEvent ? "events" : "series"}`;
    return isCut ? `Looked at ${count}; there are more, which are not in this count.` : `Looked at ${count}.`;
  }

  #picture({ preview, window }: Outcome, { condition }: RuleBody): unknown {
    const spans = preview.intervals.map(({ what, from, to }) => ({
      ...{ fromMs: Date.parse(from), toMs: to === null ? window.toMs : Date.parse(to) },
      ...{ level: "alarm" as const, title: what },
    }));
    if (condition.kind === "event")
      return html`<bn-span-strip .spans=${spans} .window=${window}></bn-span-strip>`;
    const limits =
      condition.kind === "threshold"
        ? [condition.value, ...(condition.clearValue === undefined ? [] : [condition.clearValue])]
        : [];
    const marks: ChartMarks = { limits, spans };
    return html`<bn-series-history
      label="What the rule looks at"
      .metrics=${this.metrics}
      .choice=${condition.series}
      .window=${window}
      .marks=${marks}
      @zoom=${this.#zoom}
      @zoom-back=${this.#zoomBack}
    ></bn-series-history>`;
  }

  #list({ intervals, fired }: RulePreview): unknown {
    if (intervals.length === 0) return nothing;
    const latest = intervals.slice(-LISTED).reverse();
    return html`<div>
      <h3>${fired > latest.length ? `The latest ${latest.length}` : "When"}</h3>
      <ul>
        ${latest.map(({ what, from, to }) => {
          const [fromMs, toMs] = [Date.parse(from), to === null ? undefined : Date.parse(to)];
          const length =
            toMs === undefined ? "until now" : `for ${formatDuration(Math.round((toMs - fromMs) / 1_000))}`;
          return html`<li>${formatDayAndTime(fromMs)}, ${length}: <code>${foreignText(what, MAX_NAME)}</code></li>`;
        })}
      </ul>
    </div>`;
  }

  #content(): unknown {
    const { rule } = this;
    const { state: load } = this.#load;
    if (rule === undefined) return this.#unfinished();
    if (load.kind === "failed")
      return html`<bn-error .problem=${load.problem} can-retry @retry=${() => void this.#load.run()}></bn-error>`;
    const outcome = this.#load.value;
    if (outcome === undefined) return html`<p class="note">Looking at history…</p>`;
    const { preview } = outcome;
    return html`<p class="told" role="status">${this.#told(preview)}</p>
      ${this.#picture(outcome, rule)}
      <p class="note">${this.#note(preview, rule)}</p>
      ${this.#list(preview)}`;
  }

  /** The values alone help to choose the limit. */
  #unfinished(): unknown {
    const { choice } = this;
    const hint = html`<p class="note">As soon as the condition is complete, you see here what the rule would have done.</p>`;
    if (choice === undefined) return hint;
    const toMs = Math.floor(this.now() / MINUTE_MS) * MINUTE_MS;
    const window = this.zoomed ?? { fromMs: toMs - this.range.ms, toMs };
    return html`${hint}<bn-series-history
        label="What the rule looks at"
        .metrics=${this.metrics}
        .choice=${choice}
        .window=${window}
        @zoom=${this.#zoom}
        @zoom-back=${this.#zoomBack}
      ></bn-series-history>`;
  }

  #zoom({ detail }: CustomEvent<TimeWindow>): void {
    this.zoomed = detail;
  }

  #zoomBack(): void {
    this.zoomed = undefined;
  }

  protected override render(): unknown {
    return html`<section class="panel" aria-labelledby="preview">
      <header>
        <h2 id="preview">On real history</h2>
        <div class="chips" role="group" aria-label="How far back">
          ${RANGES.map(
            (range) =>
              html`<button
                class="chip"
                type="button"
                aria-pressed=${String(this.zoomed === undefined && range === this.range)}
                @click=${() => this.#choose(range)}
              >
                ${range.label}
              </button>`,
          )}
        </div>
      </header>
      <div class="content">${this.#content()}</div>
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-rule-preview": BnRulePreview;
  }
}
