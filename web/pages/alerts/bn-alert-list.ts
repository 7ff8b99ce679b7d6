import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { AlertVerb } from "../../../schema/rules/alert-states.ts";
import "../../components/bn-empty.ts";
import "../../components/bn-error.ts";
import "../../components/bn-skeleton.ts";
import "../../components/bn-status.ts";
import "../../components/bn-table.ts";
import { Load } from "../../controllers/load.ts";
import { Observe } from "../../controllers/observe.ts";
import { type AlertWatch, MAX_OPEN_KEPT } from "../../data/alert-watch.ts";
import { ALERT_VERB_WORDS, byWeight } from "../../data/alert-words.ts";
import type { Alerts } from "../../data/alerts.ts";
import type { Alert } from "../../data/alerts-types.ts";
import type { ApiProblem } from "../../data/problem.ts";
import type { Session } from "../../data/session.ts";
import type { Toasts } from "../../data/toasts.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-alert-filters.ts";
import "./bn-verb-dialog.ts";
import { alertColumns, type RowActions } from "./columns.ts";
import { alertsAsCsv } from "./export.ts";
import { type AlertQuery, alertsHref, filterOf, fits, isOfOpen, readAlertQuery, tabHref } from "./filters.ts";
import { commonVerbs, offeredVerbs, performOn } from "./verbs.ts";

/** Verbs that ask for a note before they are performed. */
const ASKING: ReadonlySet<AlertVerb> = new Set(["acknowledge", "mute", "resolve"]);

interface Found {
  items: readonly Alert[];
  isCut: boolean;
}

/** Alerts, what is open first and worst first, as they are raised and changed. */
@customElement("bn-alert-list")
export class BnAlertList extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    layoutStyles,
    css`
      header .faint,
      .bulk {
        font-size: var(--text-13);
      }

      .bulk {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--space-2);
        padding: var(--space-2) var(--space-4);
        border-bottom: 1px solid var(--line);
        background: var(--brass-wash);
      }

      .bulk b {
        margin-right: var(--space-2);
      }
    `,
  ];

  @property({ attribute: false }) alerts: Alerts | undefined;
  @property({ attribute: false }) watch: AlertWatch | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  @property({ attribute: false }) query: AlertQuery = readAlertQuery(new URLSearchParams());
  @state() private chosen: ReadonlySet<string> = new Set();
  /** What the server has of a filter that is not of open alerts alone, or of more of them than are kept here. */
  readonly #load = new Load<Found>(this, () => this.#read());
  /** The filter that the server was asked for. */
  #asked: string | undefined;

  constructor() {
    super();
    new Observe(
      this,
      () => this.watch?.changed,
      () => this.#lookAgain(),
    );
    new Observe(this, () => this.watch?.open);
    new Observe(this, () => this.watch?.problem);
  }

  protected override updated(changed: PropertyValues<this>): void {
    const before = changed.get("query");
    const isOther = before === undefined || alertsHref(before) !== alertsHref(this.query);
    if (changed.has("query") && isOther) this.chosen = new Set();
    // Whether what is kept answers is known only once it came.
    const question = this.#isKept ? undefined : alertsHref(this.query);
    if (question === this.#asked) return;
    this.#asked = question;
    this.#lookAgain();
  }

  /** Whether what is kept here answers the filter. */
  get #isKept(): boolean {
    return isOfOpen(filterOf(this.query)) && this.watch?.isCut !== true;
  }

  #lookAgain(): void {
    if (!this.#isKept) void this.#load.run();
  }

  async #read(): Promise<Found> {
    return (await this.alerts?.listWorst(filterOf(this.query), MAX_OPEN_KEPT)) ?? { items: [], isCut: false };
  }

  /** Undefined while they are not known. */
  get #found(): Found | undefined {
    if (!this.#isKept) return this.#load.value;
    const open = this.watch?.open.value;
    const filter = filterOf(this.query);
    return open && { items: open.filter((alert) => fits(alert, filter)), isCut: false };
  }

  get #problem(): ApiProblem | undefined {
    if (this.#isKept) return this.watch?.open.value === undefined ? this.watch?.problem.value : undefined;
    return this.#load.state.kind === "failed" ? this.#load.state.problem : undefined;
  }

  async #run(verb: AlertVerb, alerts: readonly Alert[]): Promise<void> {
    const { alerts: service, watch, toasts } = this;
    if (service === undefined || watch === undefined || toasts === undefined) return;
    const dialog = this.renderRoot.querySelector("bn-verb-dialog");
    const details = ASKING.has(verb) ? await dialog?.ask(verb, alerts) : {};
    if (details === undefined) return;
    await performOn({ alerts: service, watch, toasts }, verb, alerts, details);
    this.chosen = new Set();
  }

  #choose(alert: Alert, isChosen: boolean): void {
    const chosen = new Set(this.chosen);
    if (isChosen) chosen.add(alert.id);
    else chosen.delete(alert.id);
    this.chosen = chosen;
  }

  /** Arrow keys go from row to row. */
  #onKey(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const table = this.renderRoot.querySelector("bn-table");
    if (step === undefined || table === null) return;
    const rows = [...table.renderRoot.querySelectorAll("bn-named-cell")];
    const next = rows[rows.findIndex((row) => row.matches(":focus-within")) + step];
    if (!rows.some((row) => row.matches(":focus-within")) || next === undefined) return;
    event.preventDefault();
    next.focus();
  }

  #export(alerts: readonly Alert[]): void {
    const link = document.createElement("a");
    const address = URL.createObjectURL(new Blob([alertsAsCsv(alerts)], { type: "text/csv" }));
    link.href = address;
    link.download = "alerts.csv";
    link.click();
    URL.revokeObjectURL(address);
  }

  #head({ items, isCut }: Found): unknown {
    const firing = items.filter(({ state }) => state === "firing").length;
    const count = `${items.length === 1 ? "1 alert" : `${items.length} alerts`}${firing === 0 ? "" : `, ${firing} firing`}`;
    return html`<header>
      <div class="row">
        <h2 id="heading">Alerts</h2>
        <span class="faint" role="status">${isCut ? `The worst ${count}; there are more` : count}</span>
      </div>
      <button class="button quiet" type="button" ?disabled=${items.length === 0} @click=${() => this.#export(items)}>
        Export CSV
      </button>
    </header>`;
  }

  #bulk(items: readonly Alert[]): unknown {
    const chosen = items.filter(({ id }) => this.chosen.has(id));
    if (chosen.length === 0) return nothing;
    return html`<div class="bulk" role="group" aria-label="What to do about the chosen alerts">
      <b>${chosen.length} chosen</b>
      ${commonVerbs(chosen, this.session).map(
        (verb) =>
          html`<button class="button" type="button" @click=${() => void this.#run(verb, chosen)}>
            ${ALERT_VERB_WORDS[verb].label}
          </button>`,
      )}
      <button
        class="button quiet"
        type="button"
        @click=${() => {
          this.chosen = chosen.length === items.length ? new Set() : new Set(items.map(({ id }) => id));
        }}
      >
        ${chosen.length === items.length ? "Choose none" : `Choose all ${items.length}`}
      </button>
    </div>`;
  }

  #rows({ items }: Found): unknown {
    if (items.length === 0) return this.#empty();
    const canWrite = this.session?.can("alerts:write") === true;
    const actions: RowActions = {
      isChosen: ({ id }) => this.chosen.has(id),
      choose: (alert, isChosen) => this.#choose(alert, isChosen),
      verbsOf: (alert) => offeredVerbs(alert, this.session),
      run: (verb, alert) => void this.#run(verb, [alert]),
    };
    return html`${this.#bulk(items)}<bn-table
        label="Alerts"
        .columns=${alertColumns(actions, canWrite)}
        .rows=${items.toSorted(byWeight)}
        .keyOf=${(row: Alert) => row.id}
        @keydown=${this.#onKey}
      ></bn-table>`;
  }

  #empty(): unknown {
    if (alertsHref(this.query) !== "/alerts")
      return html`<bn-empty icon="search" heading="No alert fits this filter" text="Another state, severity or word may have some.">
        <a class="button" href="/alerts">Show what is open</a>
      </bn-empty>`;
    return html`<bn-empty
      icon="check"
      heading="Nothing is open"
      text="Alerts come from rules over metrics and events, from programs, and from Binnacle's own error centre. They stand here while they last, the worst first."
    >
      <div class="row">
        <a class="button" href=${tabHref("rules")}>See the rules</a>
        <a class="button" href="/alerts?state=resolved">What was resolved</a>
      </div>
    </bn-empty>`;
  }

  protected override render(): unknown {
    const problem = this.#problem;
    const found = this.#found;
    const types = this.watch?.open.value?.map(({ type }) => type) ?? [];
    return html`<section class="panel" aria-labelledby="heading">
      ${found === undefined ? html`<header><h2 id="heading">Alerts</h2></header>` : this.#head(found)}
      <bn-alert-filters .query=${this.query} .types=${[...types, ...(found?.items.map(({ type }) => type) ?? [])]}></bn-alert-filters>
      ${
        problem !== undefined
          ? html`<bn-error .problem=${problem} can-retry @retry=${() => (this.#isKept ? void this.watch?.look() : this.#lookAgain())}></bn-error>`
          : found === undefined
            ? html`<bn-skeleton shape="block"></bn-skeleton>`
            : this.#rows(found)
      }
      <bn-verb-dialog></bn-verb-dialog>
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-alert-list": BnAlertList;
  }
}
