import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Configuration } from "../config/configuration.ts";
import { pageOf, readCursor } from "../database/paging.ts";
import { AppError } from "../errors/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import { MOMENT_RULE, readMoment } from "../lib/moment.ts";
import { Places } from "../lib/places.ts";
import { exportLines } from "./export.ts";
import type { LineFilter } from "./filter.ts";
import { CORRELATION_FIELD, TRACE_FIELD } from "./line.ts";
import type { LiveItem, LiveLines } from "./live.ts";
import type {
  ContextQuery,
  ExportQuery,
  FilterQuery,
  HistogramQuery,
  LineContext,
  LineHistogram,
  LinePage,
  LinesQuery,
  LineWindow,
  LoggerStats,
  SourceView,
  WatchedFileView,
  WindowQuery,
} from "./model.ts";
import type { LogStore } from "./store.ts";
import { parseTextQuery } from "./text-query.ts";
import { lineView, sourceView } from "./views.ts";

const LIST = "log-lines";
const NEWEST = Number.MAX_SAFE_INTEGER;
const DEFAULT_SPAN_MS = 3_600_000;
/** Exports under way at once, and those of one user; all that are not signed in count as one. */
const MAX_EXPORTS = 4;
const MAX_EXPORTS_EACH = 2;
const EXPORT_RETRY_MS = 10_000;

interface LogParts {
  clock: Clock;
  configuration: Configuration;
  store: LogStore;
  live: LiveLines;
  /** Folder of Binnacle's own log. */
  logFolder: string;
  watchedFiles: () => WatchedFileView[];
}

/** Searching, following and counting of log lines: what REST, GraphQL, sockets and the command line call. */
export class Logs {
  readonly #parts: LogParts;
  readonly #exports = new Places(MAX_EXPORTS, MAX_EXPORTS_EACH);

  constructor(parts: LogParts) {
    this.#parts = parts;
  }

  /** Lines, the newest first. @throws AppError `validation_failed`, `invalid_cursor` */
  async recent({ limit, cursor, ...query }: LinesQuery): Promise<LinePage> {
    const place = readCursor(LIST, cursor);
    const start = place === undefined ? NEWEST : Number(place);
    if (!Number.isSafeInteger(start)) {
      throw new AppError(
        "invalid_cursor",
        "The cursor does not belong to this list; begin again without one.",
      );
    }
    const course = { start, direction: "down", most: limit } as const;
    const { lines, next } = await this.#parts.store.lines.list(this.filterOf(query), course);
    const nextCursor = next === undefined ? null : pageOf(LIST, [next, next], 1, String).nextCursor;
    return { items: lines.map(lineView), nextCursor };
  }

  /** The lines around one, of its own source unless every source is wanted. @throws AppError `log_line_not_found` */
  async context(id: number, { before, after, everySource }: ContextQuery): Promise<LineContext> {
    const { store } = this.#parts;
    const line = await store.lines.find(id);
    if (!line)
      throw new AppError(
        "log_line_not_found",
        `There is no log line ${id}; it may have been too old to keep.`,
      );
    const filter = everySource ? {} : { sources: [line.source] };
    const older = await store.lines.list(filter, { start: id, direction: "down", most: before });
    const newer = await store.lines.list(filter, { start: id + 1, direction: "up", most: after });
    return {
      before: older.lines.reverse().map(lineView),
      line: lineView(line),
      after: newer.lines.map(lineView),
    };
  }

  /** The lines before and after a place, oldest first. @throws AppError `validation_failed` */
  async window({ start = NEWEST, before, after, ...query }: WindowQuery): Promise<LineWindow> {
    const { store } = this.#parts;
    const filter = this.filterOf(query);
    const nothing = { lines: [], next: undefined };
    const older =
      before === 0 ? nothing : await store.lines.list(filter, { start, direction: "down", most: before });
    const newer =
      after === 0 ? nothing : await store.lines.list(filter, { start, direction: "up", most: after });
    const span = store.lines.span(filter);
    return {
      items: [...older.lines.toReversed(), ...newer.lines].map(lineView),
      olderStart: older.next ?? null,
      newerStart: newer.next ?? null,
      firstId: span?.firstId ?? null,
      lastId: span?.lastId ?? null,
    };
  }

  /** Lines of each level over time; the last hour unless a range is given. @throws AppError `validation_failed` */
  async histogram({ buckets, ...query }: HistogramQuery): Promise<LineHistogram> {
    const filter = this.filterOf(query);
    const to = filter.to ?? this.#parts.clock.now();
    const from = filter.from ?? to - DEFAULT_SPAN_MS;
    if (from >= to) throw wrong("from", "The range must end after it begins.");
    const counted = await this.#parts.store.lines.histogram(filter, { from, to, buckets });
    return {
      from,
      to,
      stepMs: counted.stepMs,
      isComplete: counted.isComplete,
      buckets: counted.buckets.map(({ at, counts }) => ({ at, ...counts })),
    };
  }

  /** Who has written, by name. */
  sources(): SourceView[] {
    return this.#parts.store.sources().map(sourceView);
  }

  /**
   * Every line that passes, oldest first, as NDJSON, CSV or plain text.
   * @throws AppError `validation_failed`, `rate_limited` while too many are under way.
   */
  export(caller: string, { format, ...query }: ExportQuery): ReadableStream<Uint8Array> {
    const filter = this.filterOf(query);
    const onEnd = this.#exports.take(caller);
    if (!onEnd) {
      const message = `${MAX_EXPORTS} exports at once, ${MAX_EXPORTS_EACH} of one user; try again when one has ended.`;
      throw new AppError("rate_limited", message, { retryAfterMs: EXPORT_RETRY_MS });
    }
    return exportLines(this.#parts.clock, this.#parts.store.lines.export(filter), format, onEnd);
  }

  /** Lines as they come in. @throws AppError `validation_failed`, `rate_limited` */
  follow(query: FilterQuery): AsyncIterableIterator<LiveItem> {
    return this.#parts.live.follow(this.filterOf(query));
  }

  /** Reads a filter as a caller writes it. @throws AppError `validation_failed` */
  filterOf({ level, source, text, correlationId, traceId, from, to }: FilterQuery): LineFilter {
    const wanted = [
      text ?? "",
      ...(correlationId === undefined ? [] : [fieldTerm(CORRELATION_FIELD, correlationId)]),
      ...(traceId === undefined ? [] : [fieldTerm(TRACE_FIELD, traceId)]),
    ];
    return {
      levels: level && level.length > 0 ? level : undefined,
      sources: source && source.length > 0 ? source : undefined,
      text: parseTextQuery(wanted.join(" ").trim()),
      from: this.#momentOf("from", from),
      to: this.#momentOf("to", to),
    };
  }

  /** How collecting, storing and following fare. */
  stats(): LoggerStats {
    const { store, live, configuration, logFolder, watchedFiles } = this.#parts;
    const stored = store.status();
    const readers = live.status;
    const { log, logs } = configuration.settings;
    return {
      enabled: true,
      level: log.level,
      logDirectory: logFolder,
      ...ownFiles(logFolder),
      lines: stored.lines,
      storedBytes: stored.sizeBytes,
      budgetBytes: logs.budgetBytes,
      retentionDays: logs.days,
      oldestAt: isoOrNull(stored.oldestAt),
      newestAt: isoOrNull(stored.newestAt),
      isPaused: stored.isPaused,
      refusedLines: stored.refusedLines,
      damagedBlocks: stored.damagedBlocks,
      liveReaders: readers.readers,
      droppedLines: readers.droppedLines,
      files: watchedFiles(),
    };
  }

  #momentOf(path: string, moment: string | undefined): number | undefined {
    if (moment === undefined) return undefined;
    const at = readMoment(moment, this.#parts.clock.now());
    if (at === undefined) throw wrong(path, MOMENT_RULE);
    return at;
  }
}

const fieldTerm = (field: string, value: string): string => `${field}="${value.replaceAll('"', "")}"`;

const isoOrNull = (at: number | undefined): string | null =>
  at === undefined ? null : new Date(at).toISOString();

/** Files of Binnacle's own log. */
function ownFiles(folder: string): { totalSizeBytes: number; logFileCount: number } {
  const sizes = readdirSync(folder).map(
    (name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0,
  );
  return { totalSizeBytes: sizes.reduce((sum, size) => sum + size, 0), logFileCount: sizes.length };
}

function wrong(path: string, message: string): AppError {
  return new AppError("validation_failed", message, { issues: [{ path, message }] });
}
