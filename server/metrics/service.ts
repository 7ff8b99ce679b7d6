import type { Configuration } from "../config/configuration.ts";
import { type Page, pageOf, readCursor } from "../database/paging.ts";
import { AppError } from "../errors/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import { mapped } from "../lib/mapped.ts";
import { Places } from "../lib/places.ts";
import type { ProcessCollector } from "./collect/processes/process-collector.ts";
import { type ExportFormat, exportStream } from "./export.ts";
import { INTERVAL_RANGE, isIntervalSeconds } from "./live/client-message.ts";
import type { LiveStatus } from "./live.ts";
import {
  type CurrentMetrics,
  MAX_PAGE,
  MAX_SEARCH_LENGTH,
  type MetricHistory,
  type MetricsStatus,
  type MetricView,
  type ProcessList,
  type SeriesListQuery,
  type SeriesView,
} from "./model.ts";
import type { Sample, SamplerStatus, SampleSource } from "./sampler.ts";
import { SampleFeed } from "./sampling/feed.ts";
import { canonicalKey, type SeriesFilter, seriesFilter } from "./series-filter.ts";
import { quantise, scaleOf } from "./store/precision.ts";
import type { SampleStore, StoredSeries } from "./store.ts";
import type { Resolution } from "./tiers.ts";
import { type MomentInput, readRange } from "./time-range.ts";

const MAX_QUERIED_SERIES = 20;
/** Drawn unless the caller says how many, when the setting allows as many. */
const DEFAULT_POINTS = 500;
/**
 * Exports under way at once, and those of one user; all that are not signed in count as one. Each holds a batch of rows;
 * more at once would starve the live readers of processor time.
 */
const MAX_EXPORTS = 4;
const MAX_EXPORTS_EACH = 2;
const EXPORT_RETRY_MS = 5_000;
const SERIES_LIST = "metrics.series";

/** What to draw. */
export interface HistoryRequest {
  /** Keys of series, at most 20. */
  series: readonly string[];
  from?: MomentInput | null | undefined;
  to?: MomentInput | null | undefined;
  points?: number | null | undefined;
}

/** What to export. */
export interface ExportRequest {
  format: ExportFormat;
  resolution: Resolution;
  /** Names or keys; all series unless given. */
  series: readonly string[];
  from?: MomentInput | undefined;
  to?: MomentInput | undefined;
}

interface MetricsParts {
  clock: Clock;
  configuration: Configuration;
  samples: SampleSource & { status(): SamplerStatus };
  live: { status(): LiveStatus };
  store: SampleStore;
  /** Absent where processes cannot be read. */
  processes: ProcessCollector | undefined;
}

/** What is measured, now and before: the verbs behind every surface. */
export class Metrics {
  readonly #parts: MetricsParts;
  readonly #exports = new Places(MAX_EXPORTS, MAX_EXPORTS_EACH);

  constructor(parts: MetricsParts) {
    this.#parts = parts;
  }

  /** Exports that are under way. */
  get openExports(): number {
    return this.#exports.taken;
  }

  /**
   * The latest value of every series, or of those named, or whose key contains every word of `search`; `at` is 0
   * before the first sampling.
   * @throws AppError `invalid_request` when an item is neither a name nor a key, `validation_failed`.
   */
  current(series: readonly string[], search = ""): CurrentMetrics {
    const current = currentOf(this.#parts.samples.last, seriesFilter(series));
    const words = wordsOf(search);
    if (words.length === 0) return current;
    return { at: current.at, items: current.items.filter(({ key }) => containsAll(key, words)) };
  }

  /** {@link current} at every multiple of `intervalSeconds`, beginning at once, until the iterator is returned. @throws AppError `validation_failed` */
  watch(intervalSeconds: number, series: readonly string[]): AsyncIterableIterator<CurrentMetrics> {
    if (!isIntervalSeconds(intervalSeconds)) {
      throw wrong("intervalSeconds", `intervalSeconds is a whole number from ${INTERVAL_RANGE}.`);
    }
    const filter = seriesFilter(series);
    const feed = new SampleFeed(this.#parts.samples, intervalSeconds);
    return mapped(feed, (sample) => currentOf(sample, filter));
  }

  /**
   * Series that have samples, by key; of a search, those whose key or description contains every word.
   * @throws AppError `invalid_cursor`, `validation_failed`
   */
  listSeries({ search = "", limit, cursor }: SeriesListQuery): Page<SeriesView> {
    if (limit < 1 || limit > MAX_PAGE) throw wrong("limit", `limit is a whole number from 1 to ${MAX_PAGE}.`);
    const all = this.#parts.store.listSeries();
    const after = keyAt(all, readCursor(SERIES_LIST, cursor));
    const words = wordsOf(search);
    const found = all
      .filter(({ definition: { key, help } }) => key > after && containsAll(`${key} ${help}`, words))
      .sort((a, b) => (a.definition.key < b.definition.key ? -1 : 1));
    const page = pageOf(SERIES_LIST, found.slice(0, limit + 1), limit, (series) => String(series.id));
    return { items: page.items.map(seriesView), nextCursor: page.nextCursor };
  }

  /**
   * Draws series: at most `points` points each, extremes kept. Series without any samples are left out, so that a
   * dashboard can ask for what a machine may not have.
   * @throws AppError `validation_failed`, `invalid_request` for what is no key.
   */
  async query(request: HistoryRequest): Promise<MetricHistory> {
    const keys = new Set(request.series.map(canonicalKey));
    if (keys.size === 0) throw wrong("series", "Name at least one series.");
    if (keys.size > MAX_QUERIED_SERIES)
      throw wrong("series", `At most ${MAX_QUERIED_SERIES} series at once.`);
    const range = readRange(request.from, request.to, this.#parts.clock.now());
    const points = this.#readPoints(request.points);
    const seriesIds = [...keys].flatMap((key) => this.#parts.store.findSeries(key)?.id ?? []);
    const drawn = await this.#parts.store.query({ seriesIds, ...range, points });
    const series = drawn.map(({ series: { definition }, resolution, stepMs, t, min, max, avg, last }) => {
      const { key, name, labels, unit } = definition;
      return { key, name, labels, unit, resolution, stepMs, t, min, max, avg, last };
    });
    return { ...range, series };
  }

  /** How sampling, storing and live reading fare. */
  status(): MetricsStatus {
    const { samples, store, live } = this.#parts;
    const sampling = samples.status();
    const stored = store.status();
    const readers = live.status();
    return {
      intervalSeconds: sampling.intervalSeconds,
      samplingSeconds: sampling.samplingSeconds,
      seriesCount: sampling.seriesCount,
      storedSeriesCount: stored.seriesCount,
      lastSampleAt: sampling.lastSampleAt,
      lastSampleAgeMs: sampling.lastSampleAgeMs,
      pausedReason: sampling.pausedReason,
      droppedSamplings: sampling.droppedTicks,
      refusedSamples: Object.values(stored.refused).reduce((sum, count) => sum + count, 0),
      failingCollectors: Object.keys(sampling.collectorFailures),
      sizeBytes: stored.sizeBytes,
      liveReaders: readers.connections,
      droppedReaders: readers.droppedSlow,
    };
  }

  /** The processes that use the most, as of the last scan. */
  processes(): ProcessList {
    const { at, items } = this.#parts.processes?.top() ?? { at: 0, items: [] };
    return {
      at,
      items: items.map((process) => ({
        ...process,
        cpuPercent: quantise(process.cpuPercent, scaleOf("percent")),
        startedAt: new Date(process.startedAt).toISOString(),
      })),
    };
  }

  /**
   * Every row of a range as a stream of bytes; see {@link exportStream}.
   * @throws AppError `series_not_found` when none of the series named has samples, `rate_limited` while too many exports
   *   are under way, `validation_failed`.
   */
  export(caller: string, request: ExportRequest): ReadableStream<Uint8Array> {
    const { clock, store } = this.#parts;
    const { format, resolution } = request;
    const range = readRange(request.from, request.to, clock.now());
    const filter = seriesFilter(request.series);
    const chosen = store.listSeries().filter(({ definition }) => filter.matches(definition));
    if (chosen.length === 0 && request.series.length > 0) {
      throw new AppError("series_not_found", "None of the series named has samples.");
    }
    const onEnd = this.#exports.take(caller);
    if (!onEnd) {
      const message = `${MAX_EXPORTS} exports at once, ${MAX_EXPORTS_EACH} of one user; try again when one has ended.`;
      throw new AppError("rate_limited", message, { retryAfterMs: EXPORT_RETRY_MS });
    }
    const rows = store.exportRows({ seriesIds: chosen.map(({ id }) => id), ...range, resolution });
    return exportStream({ clock, rows, format, resolution, onEnd });
  }

  #readPoints(points: number | null | undefined): number {
    const most = this.#parts.configuration.settings.metrics.maxHistoricalPoints;
    if (points === undefined || points === null) return Math.min(DEFAULT_POINTS, most);
    if (Number.isInteger(points) && points >= 2 && points <= most) return points;
    throw wrong("points", `points is a whole number from 2 to ${most}.`);
  }
}

function currentOf(sample: Sample | undefined, filter: SeriesFilter): CurrentMetrics {
  const items: MetricView[] = [];
  for (const { series, value } of sample?.measurements ?? []) {
    if (!filter.matches(series)) continue;
    const { key, name, labels, unit } = series;
    items.push({ key, name, labels, unit, value });
  }
  return { at: sample?.at ?? 0, items };
}

function seriesView({ definition, firstSeenAt, lastSeenAt }: StoredSeries): SeriesView {
  const { key, name, labels, unit, help } = definition;
  return {
    key,
    name,
    labels,
    unit,
    help,
    kind: name.endsWith("_total") ? "counter" : "gauge",
    firstSeenAt: new Date(firstSeenAt).toISOString(),
    lastSeenAt: new Date(lastSeenAt).toISOString(),
  };
}

/** The key of the series that a cursor names: keys themselves can be longer than a cursor. */
function keyAt(all: readonly StoredSeries[], id: string | undefined): string {
  if (id === undefined) return "";
  const series = all.find((one) => String(one.id) === id);
  if (series) return series.definition.key;
  throw new AppError(
    "invalid_cursor",
    "The series this page began after is gone; begin again without a cursor.",
  );
}

/** @throws AppError `validation_failed` */
function wordsOf(search: string): string[] {
  if (search.length > MAX_SEARCH_LENGTH) {
    throw wrong("search", `search has at most ${MAX_SEARCH_LENGTH} characters.`);
  }
  return search.toLowerCase().split(/\s+/).filter(Boolean);
}

function containsAll(text: string, words: readonly string[]): boolean {
  const lower = text.toLowerCase();
  return words.every((word) => lower.includes(word));
}

function wrong(path: string, message: string): AppError {
  return new AppError("validation_failed", message, { issues: [{ path, message }] });
}
