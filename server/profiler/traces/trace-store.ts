import { and, desc, eq, gt, gte, lt, or, sql } from "drizzle-orm";
import { spans, traces } from "../../../schema/tables/profiler.ts";
import type { Connection, Database } from "../../database/database.ts";
import { type Page, type PageQuery, pageOf, readCursor } from "../../database/paging.ts";
import { AppError } from "../../errors/app-error.ts";
import type { SpanKind } from "../../otlp/traces.ts";
import type { Span, Trace } from "./span.ts";

const LIST = "traces";
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
    const offered = received.slice(0, Math.max(0, room));
    const [first] = offered.toSorted((a, b) => a.startedAtUs - b.startedAtUs);
    const surplus = received.length - offered.length;
    if (!first) return { added: [], surplus };
    const empty = { name: first.name, service: first.service, spans: 0, errors: 0, durationUs: 0 };
    const { startedAtUs } = first;
    const trace = before ?? { ...empty, id: traceId, startedAtUs, endedAtUs: startedAtUs };
    if (!before) tx.insert(traces).values(trace).run();
    const added = offered.filter((span) => isNew(tx, span));
    tx.update(traces).set(together(trace, added)).where(eq(traces.id, traceId)).run();
    return { added, surplus };
  }

  async find(id: string): Promise<Trace | undefined> {
    return this.#database.reader.select().from(traces).where(eq(traces.id, id)).get();
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

  /** The latest first. @throws AppError `invalid_cursor` */
  async list({ limit, cursor }: PageQuery, filter: TraceFilter): Promise<Page<Trace>> {
    const { service, name, minimumUs, hasFailed, sinceUs } = filter;
    const rows = this.#database.reader
      .select()
      .from(traces)
      .where(
        and(
          service === undefined ? undefined : eq(traces.service, service),
          name === undefined ? undefined : eq(traces.name, name),
          minimumUs === undefined ? undefined : gte(traces.durationUs, minimumUs),
          hasFailed === undefined ? undefined : hasFailed ? gt(traces.errors, 0) : eq(traces.errors, 0),
          sinceUs === undefined ? undefined : gte(traces.startedAtUs, sinceUs),
          before(readCursor(LIST, cursor)),
        ),
      )
      .orderBy(desc(traces.startedAtUs), desc(traces.id))
      .limit(limit + 1)
      .all();
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

function isNew(tx: Connection, span: Span): boolean {
  const row = { ...span, attributes: JSON.stringify(span.attributes), events: JSON.stringify(span.events) };
  return tx.insert(spans).values(row).onConflictDoNothing().returning({ id: spans.id }).get() !== undefined;
}

/** What a list shows of the trace once the spans are added: the root names it as soon as it is there. */
function together(trace: Omit<Trace, "id"> & { endedAtUs: number }, added: readonly Span[]) {
  const root = added.find(({ parentId }) => parentId === null);
  const { name, service } = root ?? trace;
  const startedAtUs = Math.min(trace.startedAtUs, ...added.map((span) => span.startedAtUs));
  const endedAtUs = Math.max(trace.endedAtUs, ...added.map((span) => span.startedAtUs + span.durationUs));
  return {
    name,
    service,
    startedAtUs,
    endedAtUs,
    durationUs: endedAtUs - startedAtUs,
    spans: trace.spans + added.length,
    errors: trace.errors + added.filter(({ hasFailed }) => hasFailed).length,
  };
}

function before(key: string | undefined) {
  if (key === undefined) return undefined;
  const [, at = "", id = ""] = CURSOR.exec(key) ?? [];
  if (id === "") throw new AppError("invalid_cursor");
  const startedAtUs = Number(at);
  return or(lt(traces.startedAtUs, startedAtUs), and(eq(traces.startedAtUs, startedAtUs), lt(traces.id, id)));
}
