import type { ReactiveController, ReactiveControllerHost } from "lit";
import { Load } from "../../controllers/load.ts";
import { Observe } from "../../controllers/observe.ts";
import type { Api } from "../../data/api.ts";
import { LogReader } from "../../data/log-reader.ts";
import { LogTail } from "../../data/log-tail.ts";
import { type LogHistogram, type LogQuery, type LogSource, Logs } from "../../data/logs.ts";
import type { ReconnectDependencies } from "../../data/reconnecting-socket.ts";
import type { TimeContext } from "../../data/time-context.ts";
import type { Toasts } from "../../data/toasts.ts";
import { withLines } from "../../lib/log-bars.ts";
import type { TimeWindow } from "../../lib/time-range.ts";
import type { LogsAddress } from "./address.ts";

const BARS = 80;

/** What the page has of the shell, and what its address asks for. */
interface Asked {
  api: Api | undefined;
  feeds: ReconnectDependencies | undefined;
  time: TimeContext | undefined;
  toasts: Toasts | undefined;
  address: LogsAddress;
}

/**
 * The log that an address asks for: its lines, their count over time and the sources to choose from. Reads anew when the
 * address or the time asks for other lines, and redraws its host when something has come.
 */
export class OpenedLog implements ReactiveController {
  logs: Logs | undefined;
  reader: LogReader | undefined;
  histogram: LogHistogram | undefined;
  sources: readonly LogSource[] = [];
  readonly #host: ReactiveControllerHost & { isConnected: boolean };
  readonly #asked: () => Asked;
  readonly #count: Load<void>;
  #openedFor: string | undefined;

  constructor(host: ReactiveControllerHost & { isConnected: boolean }, asked: () => Asked) {
    this.#host = host;
    this.#asked = asked;
    host.addController(this);
    this.#count = new Load<void>(host, () => this.#countLines());
    new Observe(host, () => asked().time?.state);
    new Observe(host, () => this.reader?.segment);
    new Observe(host, () => this.reader?.busy);
    new Observe(host, () => this.reader?.problem);
    new Observe(host, () => this.reader?.unseen);
    new Observe(host, () => this.reader?.dropped);
    new Observe(host, () => this.reader?.phase);
  }

  hostUpdate(): void {
    const { api, feeds } = this.#asked();
    if (this.logs !== undefined || api === undefined || feeds === undefined) return;
    this.logs = new Logs(api);
    this.reader = new LogReader(this.logs, new LogTail(feeds), feeds.clock.after, (lines) => {
      if (this.histogram !== undefined) this.#show({ histogram: withLines(this.histogram, lines) });
    });
  }

  hostUpdated(): void {
    this.#open();
    const isEmpty = this.reader?.segment.value?.lines.length === 0;
    // Where nothing fits, there may be older lines that do.
    if (isEmpty && this.reader?.problem.value === undefined) void this.reader?.older();
  }

  hostDisconnected(): void {
    this.reader?.stop();
    this.#openedFor = undefined;
  }

  /** Ids and places are looked for in all that is kept, unless a fixed stretch of time was chosen. */
  get isEverywhere(): boolean {
    const { time, address } = this.#asked();
    const { at, correlationId, traceId } = address;
    const isMoving = time?.state.value.range.kind === "last";
    return isMoving && (at !== undefined || correlationId !== "" || traceId !== "");
  }

  /** Whether lines are followed as they come in. */
  get isFollowed(): boolean {
    const { time, address } = this.#asked();
    return time?.isLive === true && address.at === undefined;
  }

  get query(): LogQuery {
    const { time, address } = this.#asked();
    const { levels, sources, text, correlationId, traceId } = address;
    const filter = { levels, sources, text, correlationId, traceId };
    const window = time?.window();
    if (this.isEverywhere || window === undefined) return filter;
    return { ...filter, fromMs: window.fromMs, toMs: time?.isLive ? undefined : window.toMs };
  }

  /** Reads everything again. */
  retry(): void {
    this.#openedFor = undefined;
    this.#host.requestUpdate();
  }

  /** Reads what the address asks for, once. */
  #open(): void {
    const { time, address } = this.#asked();
    if (this.reader === undefined || address.tab !== "lines" || !this.#host.isConnected) return;
    const { at, line: _line, wraps: _wraps, columns: _columns, ...filter } = address;
    const { range, pausedAtMs } = time?.state.value ?? {};
    const key = JSON.stringify([filter, at, range, pausedAtMs]);
    if (key === this.#openedFor) return;
    this.#openedFor = key;
    this.#show({ histogram: undefined });
    void this.reader.open(this.query, { at, isLive: this.isFollowed });
    void this.#count.run();
    void this.#readSources();
  }

  /** Who may be chosen as a source; without them the filter offers none. */
  async #readSources(): Promise<void> {
    try {
      this.#show({ sources: (await this.logs?.sources()) ?? [] });
    } catch (error) {
      this.#asked().toasts?.sayFailure(error);
    }
  }

  async #countLines(): Promise<void> {
    const key = this.#openedFor;
    const window = await this.#countedWindow();
    if (window === undefined || key !== this.#openedFor) return;
    const histogram = await this.logs?.histogram(this.query, window, BARS);
    if (key === this.#openedFor) this.#show({ histogram });
  }

  async #countedWindow(): Promise<TimeWindow | undefined> {
    const { time } = this.#asked();
    if (!this.isEverywhere) return time?.window();
    const stats = await this.logs?.stats();
    const nowMs = time?.now() ?? Date.now();
    return { fromMs: stats?.oldestAt ? Date.parse(stats.oldestAt) : nowMs - 1, toMs: nowMs };
  }

  #show(change: Partial<Pick<OpenedLog, "histogram" | "sources">>): void {
    Object.assign(this, change);
    this.#host.requestUpdate();
  }
}
