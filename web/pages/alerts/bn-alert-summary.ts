import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { ALERT_STATES } from "../../../schema/rules/alert-states.ts";
import { SEVERITIES } from "../../../schema/rules/severities.ts";
import "../../components/bn-error.ts";
import "../../components/bn-skeleton.ts";
import "../../components/bn-status.ts";
import { Load } from "../../controllers/load.ts";
import { Observe } from "../../controllers/observe.ts";
import type { AlertWatch } from "../../data/alert-watch.ts";
import { SEVERITY_WORDS, STATE_WORDS } from "../../data/alert-words.ts";
import type { Alerts } from "../../data/alerts.ts";
import type { AlertSummary } from "../../data/alerts-types.ts";
import { formatFigure } from "../../lib/format.ts";
import "../../panels/bn-alert-timeline.ts";
import { chipStyles } from "../../styles/chips.ts";
import { baseStyles, layoutStyles } from "../../styles/shared.ts";
import { alertsHref, readAlertQuery, tabHref } from "./filters.ts";

const HOUR_MS = 3_600_000;
const RANGES = [
  { id: "1h", label: "1 h", ms: HOUR_MS },
  { id: "", label: "24 h", ms: 24 * HOUR_MS },
  { id: "7d", label: "7 d", ms: 168 * HOUR_MS },
  { id: "30d", label: "30 d", ms: 720 * HOUR_MS },
  { id: "90d", label: "90 d", ms: 2_160 * HOUR_MS },
] as const;

/** How many alerts of each severity are in each state, and what fired when. */
@customElement("bn-alert-summary")
export class BnAlertSummary extends LitElement {
  static override styles = [
    baseStyles,
    layoutStyles,
    chipStyles,
    css`
      .scroll {
        overflow-x: auto;
      }

      table {
        width: 100%;
        border-collapse: collapse;
        font-size: var(--text-13);
      }

      th,
      td {
        height: var(--row-height);
        padding: 0 var(--space-4);
        border-bottom: 1px solid var(--line);
        text-align: right;
        font-variant-numeric: tabular-nums;
        white-space: nowrap;
      }

      tbody tr:last-child > * {
        border-bottom: 0;
      }

      thead th {
        color: var(--faint);
        font-size: var(--text-12);
        font-weight: 500;
      }

      th:first-child {
        text-align: left;
        font-weight: 500;
      }

      th:not(:first-child),
      td {
        width: 15%;
      }

      .stack {
        grid-template-columns: minmax(0, 1fr);
      }

      @media (max-width: 720px) {
        th,
        td {
          padding: 0 var(--space-2);
        }

        th:first-child {
          padding-left: var(--space-4);
        }
      }

      td a {
        display: inline-block;
        min-width: 24px;
        padding: 4px 0;
        font-weight: 600;
      }
    `,
  ];

  @property({ attribute: false }) alerts: Alerts | undefined;
  @property({ attribute: false }) watch: AlertWatch | undefined;
  @property({ attribute: false }) now: () => number = Date.now;
  /** How far back, as the address says. */
  @property() range = "";
  readonly #load = new Load<AlertSummary | undefined>(this, async () => this.alerts?.summary());

  constructor() {
    super();
    new Observe(
      this,
      () => this.watch?.changed,
      () => void this.#load.run(),
    );
  }

  protected override firstUpdated(): void {
    void this.#load.run();
  }

  #counts({ severities }: AlertSummary): unknown {
    return html`<div class="scroll">
      <table aria-labelledby="counts">
        <thead>
          <tr>
            <th scope="col">Severity</th>
            ${ALERT_STATES.map((state) => html`<th scope="col">${STATE_WORDS[state]}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${SEVERITIES.toReversed().map((severity) => {
            const { level, word } = SEVERITY_WORDS[severity];
            return html`<tr>
              <th scope="row"><bn-status level=${level}>${word}</bn-status></th>
              ${ALERT_STATES.map((state) => {
                const count = severities[severity][state];
                const query = {
                  ...readAlertQuery(new URLSearchParams()),
                  state,
                  severity: severity.toLowerCase(),
                };
                return html`<td>
                  ${count === 0 ? html`<span class="faint">0</span>` : html`<a href=${alertsHref(query)}>${formatFigure(count, 0)}</a>`}
                </td>`;
              })}
            </tr>`;
          })}
        </tbody>
      </table>
    </div>`;
  }

  protected override render(): unknown {
    const { state } = this.#load;
    const range = RANGES.find(({ id }) => id === this.range) ?? RANGES[1];
    const toMs = this.now();
    return html`<div class="stack">
      <section class="panel">
        <header><h2 id="counts">How many there are</h2></header>
        ${
          state.kind === "failed"
            ? html`<bn-error .problem=${state.problem} can-retry @retry=${() => void this.#load.run()}></bn-error>`
            : state.kind === "loading" || state.value === undefined
              ? html`<bn-skeleton shape="block"></bn-skeleton>`
              : this.#counts(state.value)
        }
      </section>
      <bn-alert-timeline .alerts=${this.alerts} .watch=${this.watch} .window=${{ fromMs: toMs - range.ms, toMs }}>
        <nav class="chips" aria-label="How far back">
          ${RANGES.map(
            ({ id, label }) =>
              html`<a
                class="chip"
                href=${tabHref("summary", id === "" ? {} : { range: id })}
                aria-current=${id === range.id ? "true" : nothing}
                >${label}</a
              >`,
          )}
        </nav>
      </bn-alert-timeline>
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-alert-summary": BnAlertSummary;
  }
}
