import { and, desc, eq, gt, gte, lt, or, placeholder, type SQL, sql } from "drizzle-orm";
import { spans, traces } from "../../../schema/tables/profiler.ts";
import type { Connection, Database } from "../../database/database.ts";
import { type Page, type PageQuery, pageOf, readCursor } from "../../database/paging.ts";
import { Prepared } from "../../database/prepared.ts";
import { AppError } from "../../errors/app-error.ts";
import type { SpanKind } from "../../otlp/traces.ts";
import { emptyTrace, grown, type StoredTrace } from "./growth.ts";
import type { Span, Trace } from "./span.ts";

const LIST = "traces";
/** Thousands are written in a row: to build the query costs more than to run it. */
const INSERT_SPAN = new Prepared((db) =>
  db
    .insert(spans)
    .values({
      ...{ traceId: placeholder("traceId"), id: placeholder("id"), parentId: placeholder("parentId") },
      ...{ name: placeholder("name"), kind: placeholder("kind"), service: placeholder("service") },
      ...{ startedAtUs: placeholder("startedAtUs"), durationUs: placeholder("durationUs") },
      ...{ hasFailed: placeholder("hasFailed"), message: placeholder("message") },
      ...{ attributes: placeholder("attributes"), events: placeholder("events") },
    })
    .onConflictDoNothing()
    .returning({ id: spans.id })
    .prepare(),
);
const CURSOR = /^(\d{1,17}) ([0-9a-f]{32})$/;
/** Spans of one trace that are kept. */
export const MAX_SPANS_PER_TRACE = 5_000;

/** Which traces a list shows. */
export interface TraceFilter {
  service?: string | undefined;
  /** Of the trace, which is that of its root span. */
  name?: string | undefined;
  minimumUs?: number | undefined;
  hasFailed?: boolean | undefined;
  sinceUs?: number | undefined;
}

/** What became of spans of one trace. */
export interface AddedSpans {
  /** Those that were not there already. */
  added: Span[];
  /** How many found no room. */
  surplus: number;
}

/** Every query of traces. */
export class TraceStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds spans of one trace; gives those that were not there already, and how many found no room. */
  async add(tx: Connection, traceId: string, received: readonly Span[]): Promise<AddedSpans> {
    const before = tx.select().from(traces).where(eq(traces.id, traceId)).get();
    const room = MAX_SPANS_PER_TRACE - (before?.spans ?? 0);
    const [first, ...rest] = received.slice(0, Math.max(0, room));
    if (!first) return { added: [], surplus: received.length };
    const trace = before ?? emptyTrace(traceId, [first, ...rest]);
    if (!before) tx.insert(traces).values(trace).run();
    const added = [first, ...rest].filter((span) => isNew(tx, span));
    tx.update(traces).set(grown(trace, added)).where(eq(traces.id, traceId)).run();
    return { added, surplus: received.length - rest.length - 1 };
  }

  async find(id: string): Promise<StoredTrace | undefined> {
    return this.#database.reader.select().from(traces).where(eq(traces.id, id)).get();
  }

  /** Those of them that are stored, by their ids. */
  async findSome(ids: readonly string[]): Promise<Map<string, StoredTrace>> {
    const rows = this.#database.reader
      .select()
      .from(traces)
      .where(sql`${traces.id} IN ${listed(ids)}`)
      .all();
    return new Map(rows.map((row) => [row.id, row]));
  }

  async listSpans(traceId: string): Promise<Span[]> {
    const rows = this.#database.reader.select().from(spans).where(eq(spans.traceId, traceId)).all();
    return rows.map(({ kind, attributes, events, ...row }) => ({
      ...row,
      kind: kind as SpanKind,
      attributes: JSON.parse(attributes) as Span["attributes"],
      events: JSON.parse(events) as Span["events"],
    }));
  }

  /**
   * The latest first.
   * @param grown traces as they are with spans that wait to be written; they stand in for what is stored of them.
   * @throws AppError `invalid_cursor`
   */
  async list(
    { limit, cursor }: PageQuery,
    filter: TraceFilter,
    grown: readonly Trace[],
  ): Promise<Page<Trace>> {
    const place = readPlace(cursor);
    const { service, name, minimumUs, hasFailed, sinceUs } = filter;
    const stored: Trace[] = this.#database.reader
      .select()
      .from(traces)
      .where(
        and(
          service === undefined ? undefined : eq(traces.service, service),
          name === undefined ? undefined : eq(traces.name, name),
          minimumUs === undefined ? undefined : gte(traces.durationUs, minimumUs),
          hasFailed === undefined ? undefined : hasFailed ? gt(traces.errors, 0) : eq(traces.errors, 0),
          sinceUs === undefined ? undefined : gte(traces.startedAtUs, sinceUs),
          grown.length === 0 ? undefined : sql`${traces.id} NOT IN ${listed(grown.map(({ id }) => id))}`,
          place === undefined
            ? undefined
            : or(
                lt(traces.startedAtUs, place.startedAtUs),
                and(eq(traces.startedAtUs, place.startedAtUs), lt(traces.id, place.id)),
              ),
        ),
      )
      .orderBy(desc(traces.startedAtUs), desc(traces.id))
      .limit(limit + 1)
      .all();
    const waiting = grown.filter((trace) => matches(trace, filter) && isBehind(trace, place));
    const rows = [...stored, ...waiting].sort(latestFirst).slice(0, limit + 1);
    return pageOf(LIST, rows, limit, ({ startedAtUs, id }) => `${startedAtUs} ${id}`);
  }

  /** Removes traces that began before `beforeUs`, and the oldest beyond `keptSpans` spans altogether. */
  async remove(tx: Connection, beforeUs: number, keptSpans: number): Promise<void> {
    tx.delete(traces).where(lt(traces.startedAtUs, beforeUs)).run();
    tx.run(sql`
      DELETE FROM ${traces} WHERE id IN (
        SELECT id FROM (
          SELECT id, SUM(spans) OVER (ORDER BY started_at_us DESC, id DESC) AS running FROM ${traces}
        ) WHERE running > ${keptSpans}
      )`);
  }
}

/** Any number of ids as one value: the statement stays the same. */
const listed = (ids: readonly string[]): SQL => sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`;

/** Adds the span unless it is there already. */
function isNew(tx: Connection, span: Span): boolean {
  const row = { ...span, attributes: JSON.stringify(span.attributes), events: JSON.stringify(span.events) };
  // Left out where there is a row already, whatever the type says.
  const added: { id: string } | undefined = INSERT_SPAN.on(tx).get(row);
  return added !== undefined;
}

const matches = (trace: Trace, { service, name, minimumUs, hasFailed, sinceUs }: TraceFilter): boolean =>
  (service === undefined || trace.service === service) &&
  (name === undefined || trace.name === name) &&
  (minimumUs === undefined || trace.durationUs >= minimumUs) &&
  (hasFailed === undefined || trace.errors > 0 === hasFailed) &&
  (sinceUs === undefined || trace.startedAtUs >= sinceUs);

const latestFirst = (a: Trace, b: Trace): number => b.startedAtUs - a.startedAtUs || (a.id < b.id ? 1 : -1);

/** Whether the trace stands behind `place` in a list. */
const isBehind = (trace: Trace, place: Pick<Trace, "startedAtUs" | "id"> | undefined): boolean =>
  place === undefined ||
  trace.startedAtUs < place.startedAtUs ||
  (trace.startedAtUs === place.startedAtUs && trace.id < place.id);

/** @throws AppError `invalid_cursor` */
function readPlace(cursor: string | undefined): Pick<Trace, "startedAtUs" | "id"> | undefined {
  const key = readCursor(LIST, cursor);
  if (key === undefined) return undefined;
  const [, at = "", id = ""] = CURSOR.exec(key) ?? [];
  if (id === "") throw new AppError("invalid_cursor");
  return { startedAtUs: Number(at), id };
}
