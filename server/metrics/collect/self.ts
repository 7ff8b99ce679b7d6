import { readdirSync, statSync } from "node:fs";
import type { Clock } from "../../lib/clock.ts";
import { defineSeries } from "../series.ts";
import type { Collector, Measurement } from "./collector.ts";
import type { EventLoopDelay } from "./event-loop-delay.ts";
import { counterRate, RateWindow } from "./rate.ts";

const MICROSECONDS_PER_PERCENT_OF_A_SECOND = 10_000;

const CPU = defineSeries(
  "binnacle_cpu_percent",
  {},
  "percent",
  "Processor time of the Binnacle process as a share of all cores, 0 to 100.",
);
const RSS = memorySeries("rss");
const HEAP = memorySeries("heap");
const DESCRIPTORS = defineSeries(
  "binnacle_file_descriptors_open",
  {},
  "count",
  "Files and sockets the Binnacle process holds open.",
);
const LAG_MEDIAN = lagSeries("0.5");
const LAG_HIGH = lagSeries("0.99");
const REQUESTS = defineSeries(
  "binnacle_http_requests_per_second",
  {},
  "per_second",
  "HTTP requests Binnacle answered each second.",
);
const DURATION_MEDIAN = durationSeries("0.5");
const DURATION_HIGH = durationSeries("0.99");
const SOCKETS = defineSeries("binnacle_sockets_open", {}, "count", "WebSocket connections Binnacle holds.");
const STATE_DATABASE = databaseSeries("state");
const SAMPLES_DATABASE = databaseSeries("samples");

/** What other parts of the server tell of themselves; a part that is off leaves its values out. */
export interface SelfReading {
  /** Since the process started; only grows. */
  readonly httpRequests?: number;
  /** Over the requests since the reading before; left out when there were none. */
  readonly httpDurationSeconds?: { readonly median: number; readonly p99: number };
  readonly socketsOpen?: number;
  readonly stateDatabaseBytes?: number;
  readonly samplesDatabaseBytes?: number;
}

/** Read once a tick; must be quick and must not throw. */
export interface SelfStatistics {
  read(): SelfReading;
}

/** What the process uses: all of it cheap enough for every tick. */
export interface ProcessUsage {
  /** Processor time since the process started. */
  readonly cpuMicroseconds: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
  readonly fileDescriptors: number | undefined;
}

export interface SelfSources {
  readonly readUsage: () => ProcessUsage;
  readonly eventLoopDelay: EventLoopDelay;
  readonly statistics: SelfStatistics;
  readonly cores: number;
  readonly clock: Pick<Clock, "monotonic">;
}

/** The binnacle_… series: what watching costs. */
export class SelfCollector implements Collector {
  readonly name = "self";
  readonly #sources: SelfSources;
  readonly #window: RateWindow;
  #cpuMicroseconds: number | undefined;
  #httpRequests: number | undefined;

  constructor(sources: SelfSources) {
    this.#sources = sources;
    this.#window = new RateWindow(sources.clock);
  }

  start(): void {
    this.#sources.eventLoopDelay.start();
  }

  collect(): Measurement[] {
    const seconds = this.#window.advance();
    return [...this.#measureUsage(seconds), ...this.#measureLag(), ...this.#measureParts(seconds)];
  }

  close(): void {
    this.#sources.eventLoopDelay.stop();
  }

  #measureUsage(seconds: number | undefined): Measurement[] {
    const usage = this.#sources.readUsage();
    const measurements = [
      { series: RSS, value: usage.rssBytes },
      { series: HEAP, value: usage.heapBytes },
    ];
    if (usage.fileDescriptors !== undefined) {
      measurements.push({ series: DESCRIPTORS, value: usage.fileDescriptors });
    }
    const rate = counterRate(this.#cpuMicroseconds, usage.cpuMicroseconds, seconds);
    this.#cpuMicroseconds = usage.cpuMicroseconds;
    if (rate !== undefined) {
      const percent = rate / MICROSECONDS_PER_PERCENT_OF_A_SECOND / this.#sources.cores;
      measurements.push({ series: CPU, value: Math.min(100, percent) });
    }
    return measurements;
  }

  #measureLag(): Measurement[] {
    const lag = this.#sources.eventLoopDelay.take();
    if (lag === undefined) return [];
    return [
      { series: LAG_MEDIAN, value: lag.medianSeconds },
      { series: LAG_HIGH, value: lag.p99Seconds },
    ];
  }

  #measureParts(seconds: number | undefined): Measurement[] {
    const parts = this.#sources.statistics.read();
    const measurements: Measurement[] = [];
    if (parts.httpRequests !== undefined) {
      const rate = counterRate(this.#httpRequests, parts.httpRequests, seconds);
      if (rate !== undefined) measurements.push({ series: REQUESTS, value: rate });
    }
    this.#httpRequests = parts.httpRequests;
    const duration = parts.httpDurationSeconds;
    const values = [
      [DURATION_MEDIAN, duration?.median],
      [DURATION_HIGH, duration?.p99],
      [SOCKETS, parts.socketsOpen],
      [STATE_DATABASE, parts.stateDatabaseBytes],
      [SAMPLES_DATABASE, parts.samplesDatabaseBytes],
    ] as const;
    for (const [series, value] of values) {
      if (value !== undefined && Number.isFinite(value)) measurements.push({ series, value });
    }
    return measurements;
  }
}

/**
 * Usage of this process, on every system.
 * @param descriptorFolder /proc/self/fd, or undefined where there is none.
 */
export function readProcessUsage(descriptorFolder: string | undefined): ProcessUsage {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return {
    cpuMicroseconds: user + system,
    rssBytes: rss,
    heapBytes: heapUsed,
    fileDescriptors: descriptorFolder === undefined ? undefined : countDescriptors(descriptorFolder),
  };
}

/** Since Linux 6.2 the size of the folder is the count; before, its entries are counted, which with 10,000 sockets takes a millisecond. */
function countDescriptors(folder: string): number | undefined {
  try {
    const { size } = statSync(folder);
    return size > 0 ? size : readdirSync(folder).length - 1; // one of the entries is the listing itself
  } catch {
    return undefined;
  }
}

function memorySeries(kind: string) {
  return defineSeries("binnacle_memory_bytes", { kind }, "bytes", "Memory of the Binnacle process.");
}

function lagSeries(quantile: string) {
  const help = "How late timers ran since the tick before: the time the process could not react.";
  return defineSeries("binnacle_event_loop_lag_seconds", { quantile }, "seconds", help);
}

function durationSeries(quantile: string) {
  const help = "Time from a request to its answer, over the requests since the tick before.";
  return defineSeries("binnacle_http_request_duration_seconds", { quantile }, "seconds", help);
}

function databaseSeries(database: string) {
  return defineSeries(
    "binnacle_database_bytes",
    { database },
    "bytes",
    "Size of the database file with its log.",
  );
}
