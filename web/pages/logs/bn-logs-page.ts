import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../../components/bn-empty.ts";
import "../../components/bn-error.ts";
import "../../components/bn-icon.ts";
import "../../components/bn-menu.ts";
import type { MenuItem } from "../../components/bn-menu.ts";
import "../../components/bn-skeleton.ts";
import "../../components/bn-status.ts";
import type { StatusLevel } from "../../components/bn-status.ts";
import "../../components/bn-tabs.ts";
import { Load } from "../../controllers/load.ts";
import { Observe } from "../../controllers/observe.ts";
import type { Api } from "../../data/api.ts";
import { LogReader, type Segment } from "../../data/log-reader.ts";
import { LogTail, type LogTailDependencies, type LogTailPhase } from "../../data/log-tail.ts";
import {
  type LogExportFormat,
  type LogHistogram,
  type LogLine,
  type LogQuery,
  type LogSource,
  Logs,
} from "../../data/logs.ts";
import type { ApiProblem } from "../../data/problem.ts";
import type { Session } from "../../data/session.ts";
import type { Settings } from "../../data/settings.ts";
import type { TimeContext } from "../../data/time-context.ts";
import type { Toasts } from "../../data/toasts.ts";
import { formatFigure } from "../../lib/format.ts";
import { withLines } from "../../lib/log-bars.ts";
import { type Marker, markerOf, withTerm } from "../../lib/log-query.ts";
import type { TimeWindow } from "../../lib/time-range.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import {
  type LogsAddress,
  logsHref,
  OPTIONAL_COLUMNS,
  type OptionalColumn,
  printAddress,
  readLogsAddress,
} from "./address.ts";
import "./bn-log-detail.ts";
import "./bn-log-filters.ts";
import "./bn-log-histogram.ts";
import "./bn-log-list.ts";
import "./bn-log-store.ts";
import { indexOfId } from "./log-scrollbar.ts";
import { logsPageStyles } from "./logs-page-styles.ts";

const BARS = 80;
const PHASES: Record<LogTailPhase, { level: StatusLevel; word: string }> = {
  idle: { level: "unknown", word: "Not following" },
  connecting: { level: "unknown", word: "Connecting" },
  open: { level: "calm", word: "Live" },
  lost: { level: "alarm", word: "Connection lost" },
};
const COLUMN_LABELS: Record<OptionalColumn, string> = { source: "Source", fields: "Fields", ids: "Ids" };
/** Codes of refusals whose cause stands in the search. */
const SEARCH_FAULTS = new Set(["validation_failed"]);

/** Lines of every source: searched, followed, and read in any length. Fires `address` (CustomEvent<AddressChange>). */
@customElement("bn-logs-page")
export class BnLogsPage extends LitElement {
  static override styles = [baseStyles, controlStyles, layoutStyles, logsPageStyles];

  @property({ attribute: false }) api: Api | undefined;
  @property({ attribute: false }) feeds: LogTailDependencies | undefined;
  @property({ attribute: false }) settings: Settings | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) time: TimeContext | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  @property({ attribute: false }) query = new URLSearchParams();
  @state() private histogram: LogHistogram | undefined;
  @state() private sources: readonly LogSource[] = [];
  #logs: Logs | undefined;
  #reader: LogReader | undefined;
  #marker: { of: string; mark: Marker } = { of: "", mark: markerOf("") };
  #openedFor: string | undefined;
  readonly #count = new Load<void>(this, () => this.#countLines());

  constructor() {
    super();
    new Observe(this, () => this.time?.state);
    new Observe(this, () => this.#reader?.segment);
    new Observe(this, () => this.#reader?.busy);
    new Observe(this, () => this.#reader?.problem);
    new Observe(this, () => this.#reader?.unseen);
    new Observe(this, () => this.#reader?.dropped);
    new Observe(this, () => this.#reader?.phase);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener("keydown", this.#onKey, { capture: true });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener("keydown", this.#onKey, { capture: true });
    this.#reader?.stop();
    this.#openedFor = undefined;
  }

  #readAddress: { of: string; address: LogsAddress } | undefined;

  /** The same object until the address changes, so that what is drawn from it is drawn once. */
  get #address(): LogsAddress {
    const of = this.query.toString();
    if (this.#readAddress?.of !== of) this.#readAddress = { of, address: readLogsAddress(this.query) };
    return this.#readAddress.address;
  }

  /** Ids and places are looked for in all that is kept, unless a fixed stretch of time was chosen. */
  get #isEverywhere(): boolean {
    const { at, correlationId, traceId } = this.#address;
    const isMoving = this.time?.state.value.range.kind === "last";
    return isMoving && (at !== undefined || correlationId !== "" || traceId !== "");
  }

  get #query(): LogQuery {
    const { levels, sources, text, correlationId, traceId } = this.#address;
    const filter = { levels, sources, text, correlationId, traceId };
    const window = this.time?.window();
    if (this.#isEverywhere || window === undefined) return filter;
    return { ...filter, fromMs: window.fromMs, toMs: this.time?.isLive ? undefined : window.toMs };
  }

  protected override willUpdate(): void {
    if (this.#logs === undefined && this.api !== undefined && this.feeds !== undefined) {
      this.#logs = new Logs(this.api);
      this.#reader = new LogReader(this.#logs, new LogTail(this.feeds), (lines) => this.#countNew(lines));
    }
    const { text } = this.#address;
    if (text !== this.#marker.of) this.#marker = { of: text, mark: markerOf(text) };
  }

  protected override updated(): void {
    this.#open();
    const isEmpty = this.#reader?.segment.value?.lines.length === 0;
    // Where nothing fits, there may be older lines that do.
    if (isEmpty && this.#reader?.problem.value === undefined) void this.#reader?.older();
  }

  /** Reads what the address asks for, once. */
  #open(): void {
    if (this.#reader === undefined || this.#address.tab !== "lines" || !this.isConnected) return;
    const { at, line: _line, wraps: _wraps, columns: _columns, ...filter } = this.#address;
    const { range, pausedAtMs } = this.time?.state.value ?? {};
    const key = JSON.stringify([filter, at, range, pausedAtMs]);
    if (key === this.#openedFor) return;
    this.#openedFor = key;
    this.histogram = undefined;
    void this.#reader.open(this.#query, { at, isLive: this.time?.isLive === true && at === undefined });
    void this.#count.run();
    void this.#readSources();
  }

  /** Who may be chosen as a source; without them the filter offers none. */
  async #readSources(): Promise<void> {
    try {
      this.sources = (await this.#logs?.sources()) ?? [];
    } catch (error) {
      this.toasts?.sayFailure(error);
    }
  }

  async #countLines(): Promise<void> {
    const key = this.#openedFor;
    const window = await this.#countedWindow();
    if (window === undefined || key !== this.#openedFor) return;
    const histogram = await this.#logs?.histogram(this.#query, window, BARS);
    if (key === this.#openedFor) this.histogram = histogram;
  }

  async #countedWindow(): Promise<TimeWindow | undefined> {
    if (!this.#isEverywhere) return this.time?.window();
    const stats = await this.#logs?.stats();
    const nowMs = this.time?.now() ?? Date.now();
    return { fromMs: stats?.oldestAt ? Date.parse(stats.oldestAt) : nowMs - 1, toMs: nowMs };
  }

  #countNew(lines: readonly LogLine[]): void {
    if (this.histogram !== undefined) this.histogram = withLines(this.histogram, lines);
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

  #view(): MenuItem[] {
    const { wraps, columns } = this.#address;
    return [
      { label: "Wrap long lines", hint: wraps ? "on" : "off", run: () => this.#change({ wraps: !wraps }) },
      ...OPTIONAL_COLUMNS.map((name) => ({
        label: COLUMN_LABELS[name],
        hint: columns.includes(name) ? "shown" : "hidden",
        run: () =>
          this.#change({
            columns: OPTIONAL_COLUMNS.filter((one) => (one === name) !== columns.includes(one)),
          }),
      })),
    ];
  }

  #exports(): MenuItem[] {
    const item = (format: LogExportFormat, label: string): MenuItem => ({
      label,
      icon: "download",
      run: () => location.assign(this.#logs?.exportUrl(this.#query, format) ?? "/logs"),
    });
    return [item("ndjson", "As JSON lines"), item("csv", "As CSV"), item("text", "As text")];
  }

  #head(): unknown {
    const isFollowed = this.time?.isLive === true && this.#address.at === undefined;
    const { level, word } = isFollowed
      ? PHASES[this.#reader?.phase.value ?? "idle"]
      : { level: "unknown" as const, word: "Not live" };
    return html`<header>
      <div class="row">
        <h2 id="heading">Lines</h2>
        <bn-status level=${level} aria-live="polite">${word}</bn-status>
        ${this.#isEverywhere ? html`<span class="faint">in all that is kept</span>` : nothing}
      </div>
      <div class="row">
        <bn-menu label="Export" heading="Export" subheading="Every line that fits" .items=${this.#exports()}
          ><bn-icon name="download"></bn-icon
        ></bn-menu>
        <bn-menu label="View" heading="View" subheading="What a row shows" .items=${this.#view()}
          ><bn-icon name="sliders"></bn-icon
        ></bn-menu>
      </div>
    </header>`;
  }

  #notice(): unknown {
    const dropped = this.#reader?.dropped.value ?? 0;
    if (dropped === 0) return nothing;
    return html`<p class="notice" role="status">
      <bn-status level="watch">${formatFigure(dropped, 0)} ${dropped === 1 ? "line" : "lines"} left out</bn-status>
      Lines come in faster than they can be sent here; the newest are fetched from the store, and all of them are kept
      there.
    </p>`;
  }

  #lines(segment: Segment | undefined): unknown {
    const reader = this.#reader;
    const problem = reader?.problem.value;
    const busy = reader?.busy.value;
    if (problem !== undefined && !isSearchFault(problem))
      return html`<bn-error .problem=${problem} can-retry @retry=${() => this.#retry()}></bn-error>`;
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

  #retry(): void {
    this.#openedFor = undefined;
    this.requestUpdate();
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
      .logs=${this.#logs}
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
    if (this.#logs === undefined) return nothing;
    if (address.tab === "store")
      return html`${this.#tabs()}<bn-log-store
          .logs=${this.#logs}
          .settings=${this.settings}
          .session=${this.session}
          .toasts=${this.toasts}
        ></bn-log-store>`;
    const segment = this.#reader?.segment.value;
    const problem = this.#reader?.problem.value;
    return html`${this.#tabs()}
      <div class=${address.line === undefined ? "whole" : "whole split"}>
        <section class="panel" aria-labelledby="heading">
          ${this.#head()}
          <bn-log-filters
            .address=${address}
            .sources=${this.sources}
            problem=${problem !== undefined && isSearchFault(problem) ? problem.detail : ""}
            @change=${(event: CustomEvent<Partial<LogsAddress>>) => this.#change(event.detail)}
          ></bn-log-filters>
          <bn-log-histogram
            .histogram=${this.histogram}
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
