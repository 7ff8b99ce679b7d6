import { html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-copy.ts";
import "../../components/bn-error.ts";
import "../../components/bn-skeleton.ts";
import "../../components/bn-sparkline.ts";
import "../../components/bn-status.ts";
import "../../components/bn-table.ts";
import type { Column } from "../../components/bn-table.ts";
import "../../components/bn-time.ts";
import { Load } from "../../controllers/load.ts";
import type { IncidentDetail, Incidents, RecoveryCount, SettableState } from "../../data/incidents.ts";
import type { Session } from "../../data/session.ts";
import type { Toasts } from "../../data/toasts.ts";
import { formatFigure } from "../../lib/format.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import { detailStyles } from "./detail-styles.ts";
import { stateOf, strategyWord, successText } from "./words.ts";

type Occurrence = IncidentDetail["occurrences"][number];

const VERBS: readonly { state: SettableState; label: string; told: string }[] = [
  { state: "resolved", label: "Resolve", told: "Resolved. It opens again by itself should it come back" },
  { state: "ignored", label: "Ignore", told: "Ignored. It is still counted, and nobody is told" },
  { state: "open", label: "Open again", told: "It is open again" },
];

const OCCURRENCE_COLUMNS: readonly Column<Occurrence>[] = [
  {
    id: "correlation",
    label: "Correlation id",
    draw: ({ correlationId }) =>
      html`<a href="/logs?${new URLSearchParams({ correlation: correlationId })}" title="Its log lines"
          ><code>${correlationId}</code></a
        >
        <bn-copy compact .text=${correlationId} label="Copy"></bn-copy>`,
  },
  { id: "place", label: "Where", draw: ({ place }) => place, isWide: true },
  { id: "principal", label: "For", draw: ({ principal }) => principal ?? "Binnacle itself" },
  { id: "at", label: "When", draw: ({ at }) => html`<bn-time .at=${at}></bn-time>` },
];

const RECOVERY_COLUMNS: readonly Column<RecoveryCount>[] = [
  { id: "strategy", label: "Strategy", draw: ({ strategy }) => strategyWord(strategy) },
  {
    id: "worked",
    label: "Worked",
    draw: ({ successes, attempts }) => successText(successes, attempts),
    isWide: true,
  },
  {
    id: "last",
    label: "Last attempt",
    draw: ({ lastAttemptAt }) => html`<bn-time .at=${lastAttemptAt}></bn-time>`,
  },
];

/** One error: what happened, why, where, to whom, what was tried, and what to do about it. */
@customElement("bn-error-detail")
export class BnErrorDetail extends LitElement {
  static override styles = [baseStyles, controlStyles, layoutStyles, detailStyles];

  @property({ attribute: false }) incidents: Incidents | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  @property({ attribute: false }) errorId = "";
  /** Address of the list it was chosen from. */
  @property() back = "/errors";
  readonly #load = new Load<IncidentDetail | undefined>(this, async () => this.incidents?.get(this.errorId));

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("errorId")) void this.#load.run();
  }

  async #settle({ state, told }: (typeof VERBS)[number]): Promise<void> {
    try {
      await this.incidents?.setState(this.errorId, state);
      this.toasts?.say(told);
    } catch (error) {
      this.toasts?.sayFailure(error);
    }
    await this.#load.run();
  }

  #verbs(incident: IncidentDetail): unknown {
    if (this.session?.can("errors:write") !== true) return nothing;
    const isOpen = incident.state === "open" || incident.state === "reopened";
    const offered = VERBS.filter(({ state }) => (state === "open" ? !isOpen : state !== incident.state));
    return html`<div class="row">
      ${offered.map(
        (verb, index) =>
          html`<button
            class="button ${index === 0 && isOpen ? "primary" : ""}"
            type="button"
            @click=${() => void this.#settle(verb)}
          >
            ${verb.label}
          </button>`,
      )}
    </div>`;
  }

  #facts(incident: IncidentDetail): unknown {
    const { code, kind, count, firstSeenAt, lastSeenAt, regressions, frame, escalatedAt } = incident;
    return html`<dl>
      <dt>Callers read</dt>
      <dd>${incident.message}</dd>
      <dt>Code</dt>
      <dd><code>${code}</code>${kind === code ? nothing : html` <span class="faint">${kind}</span>`}</dd>
      <dt>Times</dt>
      <dd>
        ${formatFigure(count, 0)}${regressions === 0 ? nothing : html`, back ${regressions} ${regressions === 1 ? "time" : "times"} after it was resolved`}
      </dd>
      <dt>First seen</dt>
      <dd><bn-time .at=${firstSeenAt}></bn-time></dd>
      <dt>Last seen</dt>
      <dd><bn-time .at=${lastSeenAt}></bn-time></dd>
      <dt>Where</dt>
      <dd>${incident.place}${frame === "" ? nothing : html`<br /><code class="faint">${frame}</code>`}</dd>
      <dt>Escalated</dt>
      <dd><bn-time .at=${escalatedAt} none="no"></bn-time></dd>
      ${
        incident.stateChangedAt === null
          ? nothing
          : html`<dt>State set</dt>
            <dd><bn-time .at=${incident.stateChangedAt}></bn-time> by ${incident.stateChangedBy}</dd>`
      }
    </dl>`;
  }

  #incident(incident: IncidentDetail): unknown {
    const { level, word } = stateOf(incident);
    const points = incident.hours.map((value, t) => ({ t, value }));
    const inDay = incident.hours.reduce((sum, value) => sum + value, 0);
    return html`<section class="panel" aria-labelledby="title">
        <header>
          <div>
            <bn-status level=${level}>${word}</bn-status>
            <h2 id="title">${incident.headline}</h2>
          </div>
          ${this.#verbs(incident)}
        </header>
        <div class="overview">
          ${this.#facts(incident)}
          <figure>
            <figcaption class="faint">Last 24 h · ${formatFigure(inDay, 0)} times</figcaption>
            <bn-sparkline .points=${points} .fromMs=${0} .toMs=${points.length - 1}></bn-sparkline>
          </figure>
        </div>
      </section>
      <section class="panel" aria-labelledby="cause">
        <header>
          <h2 id="cause">Cause</h2>
          <bn-copy compact .text=${incident.cause} label="Copy"></bn-copy>
        </header>
        <pre tabindex="0" role="region" aria-label="Cause and stack">${incident.cause}</pre>
      </section>
      <section class="panel" aria-labelledby="latest">
        <header><h2 id="latest">Latest occurrences</h2><span class="faint">An id leads to its log lines</span></header>
        <bn-table
          label="Latest occurrences"
          .columns=${OCCURRENCE_COLUMNS}
          .rows=${incident.occurrences}
          .keyOf=${(row: Occurrence) => `${row.at} ${row.correlationId}`}
        ></bn-table>
      </section>
      ${this.#recoveries(incident)}`;
  }

  #recoveries({ recoveries, code }: IncidentDetail): unknown {
    return html`<section class="panel" aria-labelledby="recovery">
      <header><h2 id="recovery">Recovery of ${code}</h2></header>
      ${
        recoveries.length === 0
          ? html`<p class="note soft">No strategy applied: nothing here is safe to try again by itself.</p>`
          : html`<bn-table
            label="Recovery"
            .columns=${RECOVERY_COLUMNS}
            .rows=${recoveries}
            .keyOf=${(row: RecoveryCount) => row.strategy}
          ></bn-table>`
      }
    </section>`;
  }

  protected override render(): unknown {
    const { state } = this.#load;
    const content =
      state.kind === "failed"
        ? html`<bn-error class="panel" .problem=${state.problem} can-retry @retry=${() => void this.#load.run()}></bn-error>`
        : state.kind === "loading" || state.value === undefined
          ? html`<bn-skeleton shape="block"></bn-skeleton>`
          : this.#incident(state.value);
    return html`<div class="stack">
      <nav aria-label="Back"><a class="button quiet" href=${this.back}>← All errors</a></nav>
      ${content}
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-error-detail": BnErrorDetail;
  }
}
