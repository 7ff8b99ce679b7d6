import { html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-empty.ts";
import "../../components/bn-error.ts";
import "../../components/bn-skeleton.ts";
import "../../components/bn-status.ts";
import "../../components/bn-tabs.ts";
import type { Api } from "../../data/api.ts";
import type { Segment } from "../../data/log-segment.ts";
import type { ApiProblem } from "../../data/problem.ts";
import type { ReconnectDependencies } from "../../data/reconnecting-socket.ts";
import type { Session } from "../../data/session.ts";
import type { Settings } from "../../data/settings.ts";
import type { TimeContext } from "../../data/time-context.ts";
import type { Toasts } from "../../data/toasts.ts";
import { formatFigure } from "../../lib/format.ts";
import { type Marker, markerOf, withTerm } from "../../lib/log-query.ts";
import type { TimeWindow } from "../../lib/time-range.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import { type LogsAddress, logsHref, printAddress, readLogsAddress } from "./address.ts";
import "./bn-log-detail.ts";
import "./bn-log-filters.ts";
import "./bn-log-histogram.ts";
import "./bn-log-list.ts";
import "./bn-log-store.ts";
import { indexOfId } from "./log-scrollbar.ts";
import { logsPageStyles } from "./logs-page-styles.ts";
import { OpenedLog } from "./opened-log.ts";
import { drawHead } from "./page-head.ts";

/** Codes of refusals whose cause stands in the search. */
const SEARCH_FAULTS = new Set(["validation_failed"]);

/** Lines of every source: searched, followed, and read in any length. Fires `address` (CustomEvent<AddressChange>). */
@customElement("bn-logs-page")
export class BnLogsPage extends LitElement {
  static override styles = [baseStyles, controlStyles, layoutStyles, logsPageStyles];

  @property({ attribute: false }) api: Api | undefined;
  @property({ attribute: false }) feeds: ReconnectDependencies | undefined;
  @property({ attribute: false }) settings: Settings | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) time: TimeContext | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  @property({ attribute: false }) query = new URLSearchParams();
  #marker: { of: string; mark: Marker } = { of: "", mark: markerOf("") };
  #readAddress: { of: string; address: LogsAddress } | undefined;
  readonly #log = new OpenedLog(this, () => {
    const { api, feeds, time, toasts } = this;
    return { api, feeds, time, toasts, address: this.#address };
  });

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener("keydown", this.#onKey, { capture: true });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener("keydown", this.#onKey, { capture: true });
  }

  /** The same object until the address changes, so that what is drawn from it is drawn once. */
  get #address(): LogsAddress {
    const of = this.query.toString();
    if (this.#readAddress?.of !== of) this.#readAddress = { of, address: readLogsAddress(this.query) };
    return this.#readAddress.address;
  }

  protected override willUpdate(): void {
    const { text } = this.#address;
    if (text !== this.#marker.of) this.#marker = { of: text, mark: markerOf(text) };
  }

  #change(change: Partial<LogsAddress>): void {
    this.dispatchEvent(new CustomEvent("address", { detail: printAddress(change) }));
  }

  /** `/` belongs to the search of this page. */
  readonly #onKey = (event: KeyboardEvent): void => {
    const [target] = event.composedPath();
    const isTyping =
      target instanceof HTMLElement && ["input", "textarea", "select"].includes(target.localName);
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey || this.#address.tab !== "lines") return;
    if (event.key === "/") {
      event.preventDefault();
      event.stopPropagation();
      this.renderRoot.querySelector("bn-log-filters")?.focus();
    } else if ((event.key === "j" || event.key === "k") && target === document.body)
      this.renderRoot.querySelector("bn-log-list")?.focus();
  };

  #zoom(window: TimeWindow): void {
    if (this.#address.at !== undefined) this.#change({ at: undefined });
    this.time?.zoom(window);
  }

  #head(): unknown {
    const { isFollowed, isEverywhere, reader, logs, query } = this.#log;
    return drawHead({
      phase: isFollowed ? (reader?.phase.value ?? "idle") : undefined,
      isEverywhere,
      address: this.#address,
      change: (change) => this.#change(change),
      exportAs: (format) => location.assign(logs?.exportUrl(query, format) ?? "/logs"),
    });
  }

  #notice(): unknown {
    const problem = this.#log.reader?.problem.value;
    if (problem?.isUnanswered === true && this.#log.reader?.segment.value !== undefined)
      return html`<p class="notice" role="status">
        <bn-status level="alarm">No answer</bn-status>
        ${problem.title}. What is here stays, and the rest is asked for again by itself.
      </p>`;
    const dropped = this.#log.reader?.dropped.value ?? 0;
    if (dropped === 0) return nothing;
    return html`<p class="notice" role="status">
      <bn-status level="watch">${formatFigure(dropped, 0)} ${dropped === 1 ? "line" : "lines"} left out</bn-status>
      Lines come in faster than they can be sent here; the newest are fetched from the store, and all of them are kept
      there.
    </p>`;
  }

  #lines(segment: Segment | undefined): unknown {
    const reader = this.#log.reader;
    const problem = reader?.problem.value;
    const busy = reader?.busy.value;
    // Without an answer what is held stays; a notice says so.
    const isHeld = segment !== undefined && problem?.isUnanswered === true;
    if (problem !== undefined && !isSearchFault(problem) && !isHeld)
      return html`<bn-error .problem=${problem} can-retry @retry=${() => this.#log.retry()}></bn-error>`;
    const isEmpty = segment !== undefined && segment.lines.length === 0;
    if (isEmpty && segment.olderStart === undefined && segment.newerStart === undefined && busy === undefined)
      return this.#nothing();
    if (segment === undefined && problem !== undefined) return nothing;
    const { line, wraps, columns, at } = this.#address;
    return html`<bn-log-list
      .segment=${segment}
      .busy=${segment === undefined ? undefined : busy}
      .marker=${this.#marker.mark}
      .columns=${columns}
      ?wraps=${wraps}
      .selectedId=${line}
      .pivotId=${at}
      .unseen=${reader?.unseen.value ?? 0}
      @older=${() => void reader?.older()}
      @newer=${() => void reader?.newer()}
      @newest=${() => void reader?.jump()}
      @jump=${(event: CustomEvent<number>) => void reader?.jump(event.detail)}
      @follow=${(event: CustomEvent<boolean>) => reader?.setFollowing(event.detail)}
      @select=${(event: CustomEvent<number | undefined>) => this.#change({ line: event.detail })}
    ></bn-log-list>`;
  }

  #nothing(): unknown {
    const { levels, sources, text, correlationId, traceId } = this.#address;
    const isFiltered = [levels.length, sources.length, text, correlationId, traceId].some(Boolean);
    return isFiltered
      ? html`<bn-empty icon="search" heading="No line fits" text="Take a filter away, or look at a longer time."
          ><a class="button" href="/logs">Take all filters away</a></bn-empty
        >`
      : html`<bn-empty
          icon="scroll"
          heading="No line in this time"
          text="Lines of Binnacle itself, of files that are followed and of applications that send OpenTelemetry appear here as they are written."
          ><a class="button" href=${logsHref({ tab: "store" })}>Files and sources</a></bn-empty
        >`;
  }

  #detail(segment: Segment | undefined): unknown {
    const { line, text } = this.#address;
    if (line === undefined) return nothing;
    const held = segment?.lines[indexOfId(segment.lines, line)];
    return html`<bn-log-detail
      .logs=${this.#log.logs}
      .lineId=${line}
      .known=${held?.id === line ? held : undefined}
      .marker=${this.#marker.mark}
      href=${new URL(logsHref({ at: line, line }), location.href).href}
      @close=${() => this.#change({ line: undefined })}
      @term=${(event: CustomEvent<string>) => this.#change({ text: withTerm(text, event.detail) })}
    ></bn-log-detail>`;
  }

  #tabs(): unknown {
    const { tab } = this.#address;
    const tabs = [
      { id: "lines", label: "Lines", href: "/logs" },
      { id: "store", label: "Store and sources", href: logsHref({ tab: "store" }) },
    ];
    return html`<bn-tabs label="Logs" .tabs=${tabs} shown=${tab}></bn-tabs>`;
  }

  protected override render(): unknown {
    const address = this.#address;
    if (this.#log.logs === undefined) return nothing;
    if (address.tab === "store")
      return html`${this.#tabs()}<bn-log-store
          .logs=${this.#log.logs}
          .settings=${this.settings}
          .session=${this.session}
          .toasts=${this.toasts}
        ></bn-log-store>`;
    const segment = this.#log.reader?.segment.value;
    const problem = this.#log.reader?.problem.value;
    return html`${this.#tabs()}
      <div class=${address.line === undefined ? "whole" : "whole split"}>
        <section class="panel" aria-labelledby="heading">
          ${this.#head()}
          <bn-log-filters
            .address=${address}
            .sources=${this.#log.sources}
            problem=${problem !== undefined && isSearchFault(problem) ? problem.detail : ""}
            @change=${(event: CustomEvent<Partial<LogsAddress>>) => this.#change(event.detail)}
          ></bn-log-filters>
          <bn-log-histogram
            .histogram=${this.#log.histogram}
            @zoom=${(event: CustomEvent<TimeWindow>) => this.#zoom(event.detail)}
            @zoom-back=${() => this.time?.zoomBack()}
          ></bn-log-histogram>
          ${this.#notice()} ${this.#lines(segment)}
        </section>
        ${this.#detail(segment)}
      </div>`;
  }
}

const isSearchFault = ({ code }: ApiProblem): boolean => SEARCH_FAULTS.has(code);

declare global {
  interface HTMLElementTagNameMap {
    "bn-logs-page": BnLogsPage;
  }
}
