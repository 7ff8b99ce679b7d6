import { type Api, printQuery } from "./api.ts";
import type { HistoryAnswer, Page, ProcessList, SeriesHistory, SeriesRecord, System } from "./types.ts";

/** Measured from the first moment on every machine; others may be new on an old server. */
const LASTING_SERIES = "cpu_usage_percent";
const SERIES_PER_REQUEST = 20;
const SERIES_PAGE = 200;
/** Stops a runaway catalogue; the picker then asks to search. */
const SERIES_PAGES = 10;

export interface HistoryQuery {
  keys: readonly string[];
  fromMs: number;
  toMs: number;
  points: number;
}

interface Waiting {
  keys: Set<string>;
  answer: Promise<Map<string, SeriesHistory>>;
}

/** Metrics, processes and facts of the watched machine. */
export class Metrics {
  readonly #api: Api;
  readonly #waiting = new Map<string, Waiting>();

  constructor(api: Api) {
    this.#api = api;
  }

  system(): Promise<System> {
    return this.#api.get("/api/v3/system");
  }

  processes(): Promise<ProcessList> {
    return this.#api.get("/api/v3/processes");
  }

  /** When the server began to measure, epoch milliseconds; undefined before its first sample. */
  async firstSampleAtMs(): Promise<number | undefined> {
    const { items }: Page<SeriesRecord> = await this.#api.get("/api/v3/metrics/series", {
      query: { search: LASTING_SERIES, limit: 1 },
    });
    const [first] = items;
    return first === undefined ? undefined : new Date(first.firstSeenAt).getTime();
  }

  /** All series the server knows that match `search`, up to 2,000. */
  async listSeries(search: string): Promise<SeriesRecord[]> {
    const found: SeriesRecord[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < SERIES_PAGES; page += 1) {
      const answer: Page<SeriesRecord> = await this.#api.get("/api/v3/metrics/series", {
        query: { search: search === "" ? undefined : search, limit: SERIES_PAGE, cursor },
      });
      found.push(...answer.items);
      if (answer.nextCursor === null) break;
      cursor = answer.nextCursor;
    }
    return found;
  }

  /**
   * History of some series. Charts that ask for the same window in the same turn share one request
   * (of at most 20 series). Series without samples in the window are absent from the answer.
   */
  async history(query: HistoryQuery): Promise<Map<string, SeriesHistory>> {
    const { fromMs, toMs, points } = query;
    const slot = `${Math.round(fromMs)}/${Math.round(toMs)}/${points}`;
    const waiting = this.#waiting.get(slot) ?? this.#gather(slot, query);
    for (const key of query.keys) waiting.keys.add(key);
    const all = await waiting.answer;
    return new Map([...all].filter(([key]) => query.keys.includes(key)));
  }

  /** Where a browser can download the given series as a file. */
  exportHref(format: "csv" | "json", query: HistoryQuery): string {
    return `/api/metrics/export${printQuery({
      format,
      series: query.keys,
      from: Math.round(query.fromMs),
      to: Math.round(query.toMs),
    })}`;
  }

  #gather(slot: string, query: HistoryQuery): Waiting {
    const keys = new Set<string>();
    const answer = Promise.resolve().then(async () => {
      this.#waiting.delete(slot);
      return this.#load([...keys], query);
    });
    const waiting = { keys, answer };
    this.#waiting.set(slot, waiting);
    return waiting;
  }

  async #load(keys: string[], { fromMs, toMs, points }: HistoryQuery): Promise<Map<string, SeriesHistory>> {
    const batches: string[][] = [];
    for (let start = 0; start < keys.length; start += SERIES_PER_REQUEST)
      batches.push(keys.slice(start, start + SERIES_PER_REQUEST));
    const answers = await Promise.all(
      batches.map((series) =>
        this.#api.get<HistoryAnswer>("/api/v3/metrics/query", {
          query: { series, from: Math.round(fromMs), to: Math.round(toMs), points },
        }),
      ),
    );
    return new Map(answers.flatMap(({ series }) => series.map((entry) => [entry.key, entry] as const)));
  }
}
