import { LOG_LEVELS, type LogLevel } from "../../schema/rules/log-levels.ts";
import type { TimeWindow } from "../lib/time-range.ts";
import { type Api, printQuery, type QueryValue } from "./api.ts";
import type { Page } from "./types.ts";

export { LOG_LEVELS, type LogLevel };

/** A line of a log, as the server gives it. */
export interface LogLine {
  /** Grows in the order of arrival. */
  id: number;
  /** ISO 8601. */
  at: string;
  level: LogLevel;
  source: string;
  message: string;
  fields: Record<string, unknown>;
  correlationId: string | null;
  traceId: string | null;
  spanId: string | null;
}

/** What lines are chosen by; an empty list or text does not count. */
export interface LogFilter {
  levels: readonly LogLevel[];
  sources: readonly string[];
  text: string;
  correlationId: string;
  traceId: string;
}

/** A filter over a range of time; epoch milliseconds, both ends belong to it. */
export interface LogQuery extends LogFilter {
  fromMs?: number | undefined;
  toMs?: number | undefined;
}

/** Where lines are asked for: so many before the line of that number, so many from it on. */
export interface LogPlace {
  start?: number | undefined;
  before: number;
  after: number;
}

/** Lines without a hole, oldest first, and where to go on. */
export interface LogWindow {
  items: LogLine[];
  olderStart: number | null;
  newerStart: number | null;
  firstId: number | null;
  lastId: number | null;
}

export type LevelCounts = Record<LogLevel, number>;

/** Lines of each level over time; times are epoch milliseconds. */
export interface LogHistogram {
  from: number;
  to: number;
  stepMs: number;
  isComplete: boolean;
  buckets: ({ at: number } & LevelCounts)[];
}

export interface LogContext {
  before: LogLine[];
  line: LogLine;
  after: LogLine[];
}

export interface LogSource {
  name: string;
  lines: number;
  firstSeenAt: string;
  lastSeenAt: string;
}

export interface WatchedFile {
  path: string;
  source: string;
  sizeBytes: number;
  readBytes: number;
  problem: string | null;
}

export interface LoggerStats {
  level: LogLevel;
  logDirectory: string;
  totalSizeBytes: number;
  logFileCount: number;
  lines: number;
  storedBytes: number;
  budgetBytes: number;
  retentionDays: number;
  oldestAt: string | null;
  newestAt: string | null;
  isPaused: boolean;
  refusedLines: number;
  damagedBlocks: number;
  liveReaders: number;
  droppedLines: number;
  files: WatchedFile[];
}

export type LogExportFormat = "ndjson" | "csv" | "text";

/** The parameters of a filter, as REST and the socket take them. */
export function filterParameters(filter: LogFilter): Record<string, QueryValue> {
  const { levels, sources, text, correlationId, traceId } = filter;
  const orNone = (value: string): string | undefined => (value === "" ? undefined : value);
  return {
    level: levels,
    source: sources,
    text: orNone(text),
    correlationId: orNone(correlationId),
    traceId: orNone(traceId),
  };
}

const queryParameters = ({ fromMs, toMs, ...filter }: LogQuery): Record<string, QueryValue> => ({
  ...filterParameters(filter),
  from: fromMs === undefined ? undefined : String(Math.round(fromMs)),
  to: toMs === undefined ? undefined : String(Math.round(toMs)),
});

/** The log store. Every method throws ApiProblem when the server refuses. */
export class Logs {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** The lines around a place; after the newest when it names none. */
  window(query: LogQuery, place: LogPlace): Promise<LogWindow> {
    return this.#api.get("/api/v3/logs/window", { query: { ...queryParameters(query), ...place } });
  }

  histogram(query: LogFilter, { fromMs, toMs }: TimeWindow, buckets: number): Promise<LogHistogram> {
    const parameters = queryParameters({ ...query, fromMs, toMs });
    return this.#api.get("/api/v3/logs/histogram", { query: { ...parameters, buckets } });
  }

  /** The lines around one, of its own source unless every source is wanted. */
  context(
    id: number,
    { before, after, everySource }: { before: number; after: number; everySource: boolean },
  ): Promise<LogContext> {
    const query = { before, after, everySource: String(everySource) };
    return this.#api.get(`/api/v3/logs/${id}/context`, { query });
  }

  async sources(): Promise<LogSource[]> {
    const { items } = await this.#api.get<Page<LogSource>>("/api/v3/logs/sources");
    return items;
  }

  stats(): Promise<LoggerStats> {
    return this.#api.get("/api/v3/logger/stats");
  }

  /** The address of a download of every line that fits. */
  exportUrl(query: LogQuery, format: LogExportFormat): string {
    return `/api/v3/logs/export${printQuery({ ...queryParameters(query), format })}`;
  }
}
