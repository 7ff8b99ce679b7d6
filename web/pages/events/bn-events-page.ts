import { html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { FEED_PHASES } from "../../components/feed-phases.ts";
import "../../components/bn-copy.ts";
import "../../components/bn-empty.ts";
import "../../components/bn-error.ts";
import "../../components/bn-icon.ts";
import "../../components/bn-skeleton.ts";
import "../../components/bn-status.ts";
import { Load } from "../../controllers/load.ts";
import { Observe } from "../../controllers/observe.ts";
import { type EventRecord, type Events, type EventTail, MAX_KEPT } from "../../data/events.ts";
import type { Session } from "../../data/session.ts";
import type { Toasts } from "../../data/toasts.ts";
import { chipStyles } from "../../styles/chips.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-event-detail.ts";
import "./bn-event-list.ts";
import "./bn-publish-dialog.ts";
import {
  beginOf,
  type EventQuery,
  eventsHref,
  isAskedFor,
  patternsOf,
  RANGES,
  readEventQuery,
} from "./filters.ts";
import { eventsPageStyles } from "./page-styles.ts";

/** What happens, as it happens. Filters and the chosen event stand in the address. Fires `filter` (CustomEvent<EventQuery>). */
@customElement("bn-events-page")
export class BnEventsPage extends LitElement {
  static override styles = [baseStyles, controlStyles, layoutStyles, chipStyles, eventsPageStyles];

  @property({ attribute: false }) events: Events | undefined;
  @property({ attribute: false }) tail: EventTail | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  @property({ attribute: false }) query = new URLSearchParams();
  @state() private isPaused = false;
  /** Those that came since the list was fetched, newest first. */
  @state() private fresh: readonly EventRecord[] = [];
  /** Those that came while it was paused, newest first. */
  @state() private held: readonly EventRecord[] = [];
  readonly #load = new Load<EventRecord[]>(this, () => this.#read());
  #shownFor: string | undefined;

  constructor() {
    super();
    new Observe(this, () => this.tail?.phase);
    new Observe(this, () => this.tail?.missed);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.tail?.stop();
    this.#shownFor = undefined;
  }

  get #filter(): EventQuery {
    return readEventQuery(this.query);
  }

  protected override updated(_changed: PropertyValues<this>): void {
    const key = eventsHref(this.#filter);
    if (key === this.#shownFor || this.events === undefined) return;
    this.#shownFor = key;
    this.fresh = [];
    this.held = [];
    // What the filter before asked for is not wanted any more.
    this.tail?.stop();
    void this.#load.run();
  }

  /** The list, then what comes after it: nothing is lost in between, and nothing told again that is older than it. */
  async #read(): Promise<EventRecord[]> {
    const asked = this.#shownFor;
    const { types, source, correlation, range } = this.#filter;
    const filter = {
      types: patternsOf(types),
      source: source === "" ? undefined : source,
      correlationId: correlation === "" ? undefined : correlation,
    };
    const newestSeq = (await this.events?.newestSeq()) ?? 0;
    const items = (await this.events?.list(filter, beginOf(range, Date.now()))) ?? [];
    const since = Math.max(newestSeq, items[0]?.seq ?? 0);
    if (asked !== this.#shownFor) return items;
    this.tail?.follow(filter.types, since, (event) => this.#hear(event));
    return items;
  }

  #hear(event: EventRecord): void {
    if (!isAskedFor(this.#filter, event)) return;
    if (this.isPaused) this.held = [event, ...this.held].slice(0, MAX_KEPT);
    else this.fresh = [event, ...this.fresh].slice(0, MAX_KEPT);
  }

  #togglePause(): void {
    this.isPaused = !this.isPaused;
    if (this.isPaused) return;
    this.fresh = [...this.held, ...this.fresh].slice(0, MAX_KEPT);
    this.held = [];
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement)) return;
    const fields = new FormData(event.target);
    const detail = {
      ...this.#filter,
      types: patternsOf(String(fields.get("types"))).join(","),
      source: String(fields.get("source")).trim(),
    };
    this.dispatchEvent(new CustomEvent("filter", { detail }));
  }

  #head(): unknown {
    const { level, word } = this.isPaused
      ? {
          level: "watch" as const,
          word: `Paused${this.held.length === 0 ? "" : ` · ${this.held.length} new`}`,
        }
      : FEED_PHASES[this.tail?.phase.value ?? "idle"];
    const missed = this.tail?.missed.value ?? 0;
    return html`<header>
      <div class="row">
        <h2 id="heading">What happens</h2>
        <bn-status level=${level} aria-live="polite">${word}</bn-status>
        ${missed === 0 ? nothing : html`<span class="faint">${missed} were no longer kept</span>`}
      </div>
      <div class="row">
        <button class="button" type="button" @click=${this.#togglePause}>
          <bn-icon name=${this.isPaused ? "play" : "pause"}></bn-icon>${this.isPaused ? "Follow" : "Pause"}
        </button>
        ${
          this.session?.can("events:write")
            ? html`<button
              class="button"
              type="button"
              @click=${() => void this.renderRoot.querySelector("bn-publish-dialog")?.open()}
            >
              <bn-icon name="plus"></bn-icon>Publish a test event
            </button>`
            : nothing
        }
      </div>
    </header>`;
  }

  #filters(): unknown {
    const filter = this.#filter;
    const present = RANGES.some(({ id }) => id === filter.range) ? filter.range : "";
    return html`<form class="filters" role="search" @submit=${this.#submit}>
      <nav class="chips" aria-label="Time">
        ${RANGES.map(
          ({ id, label }) =>
            html`<a
              class="chip"
              href=${eventsHref(filter, { range: id })}
              aria-current=${id === present ? "true" : nothing}
              >${label}</a
            >`,
        )}
      </nav>
      <input name="types" aria-label="Patterns of types" placeholder="alert.*, shop.sold" maxlength="400" spellcheck="false" .value=${filter.types} />
      <input name="source" aria-label="Source" placeholder="Source, exactly" maxlength="200" spellcheck="false" .value=${filter.source} />
      <button class="button" type="submit">Filter</button>
      ${
        filter.correlation === ""
          ? nothing
          : html`<a class="chip" aria-current="true" href=${eventsHref(filter, { correlation: "" })} aria-label="Show other requests too"
            >Request ${filter.correlation}<bn-icon name="close"></bn-icon
          ></a>`
      }
    </form>`;
  }

  #content(rows: readonly EventRecord[]): unknown {
    const { state } = this.#load;
    if (state.kind === "failed")
      return html`<bn-error .problem=${state.problem} can-retry @retry=${() => void this.#load.run()}></bn-error>`;
    if (state.kind === "loading") return html`<bn-skeleton shape="block"></bn-skeleton>`;
    if (rows.length === 0) return this.#empty();
    const filter = this.#filter;
    return html`<bn-event-list
      .events=${rows}
      .selectedId=${this.query.get("event") ?? ""}
      .hrefOf=${(event: EventRecord) => eventsHref(filter, { event: event.id })}
    ></bn-event-list>`;
  }

  #empty(): unknown {
    const command = curlCommand(location.origin);
    return html`<bn-empty
      icon="radio"
      heading="Nothing happened in this time"
      text="Events of Binnacle appear here by themselves. An application publishes its own with a token that holds events:write:"
    >
      <pre tabindex="0" role="region" aria-label="Command">${command}</pre>
      <bn-copy .text=${command} label="Copy the command"></bn-copy>
    </bn-empty>`;
  }

  protected override render(): unknown {
    const rows = [...this.fresh, ...(this.#load.value ?? [])].slice(0, MAX_KEPT);
    const chosen = rows.find(({ id }) => id === this.query.get("event"));
    return html`<div class=${chosen === undefined ? "whole" : "whole split"}>
        ${
          chosen === undefined
            ? nothing
            : html`<bn-event-detail .event=${chosen} back=${eventsHref(this.#filter)}></bn-event-detail>`
        }
        <section class="panel" aria-labelledby="heading">${this.#head()} ${this.#filters()} ${this.#content(rows)}</section>
      </div>
      <bn-publish-dialog
        .events=${this.events}
        @published=${(event: CustomEvent<string>) => this.toasts?.say(`${event.detail} was published`)}
      ></bn-publish-dialog>`;
  }
}

/** What an application runs to publish an event. */
const curlCommand = (origin: string): string =>
  [
    `curl ${origin}/api/v3/events \\`,
    "  -H 'authorization: Bearer bnc_…' -H 'content-type: application/json' \\",
    `  -d '{"events":[{"type":"download_complete","payload":{"file":"a.zip"}}]}'`,
  ].join("\n");

declare global {
  interface HTMLElementTagNameMap {
    "bn-events-page": BnEventsPage;
  }
}
