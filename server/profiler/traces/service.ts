import type { Database } from "../../database/database.ts";
import type { Page, PageQuery } from "../../database/paging.ts";
import { AppError } from "../../errors/app-error.ts";
import { startBreathing } from "../../lib/breathe.ts";
import type { Clock } from "../../lib/clock.ts";
import { JoinedRuns } from "../../lib/joined-runs.ts";
import type { ReadTraces, ReceivedSpan } from "../../otlp/traces.ts";
import { cleanName, MAX_SOURCE_LENGTH } from "../operation.ts";
import type { Profiler } from "../service.ts";
import { applicationName } from "../views.ts";
import { grown, NO_SPANS, withWaiting } from "./growth.ts";
import type { Attributes, Span, Trace } from "./span.ts";
import { type AddedSpans, MAX_SPANS_PER_TRACE, type TraceFilter, TraceStore } from "./trace-store.ts";
import type { WaitingSpans } from "./waiting-spans.ts";
import { type PlacedSpan, waterfall } from "./waterfall.ts";

const US_PER_MS = 1_000;
/** How far ahead of ours the clock of a sender may be. */
const MAX_AHEAD_US = 24 * 3_600_000 * US_PER_MS;
const MAX_ATTRIBUTES = 64;
const MAX_ATTRIBUTE_NAME_LENGTH = 100;
const MAX_TEXT_LENGTH = 2_000;
/**
 * Characters of all attributes and events of one span; what comes beyond is left out. A trace of the most spans there may
 * be is read as a whole.
 */
const MAX_SPAN_CHARACTERS = 16_384;
/** Spans cleaned, and written in one unit of work. */
const WRITTEN_AT_ONCE = 100;
/** How long they hold the event loop at a time, beside the unit of work that is under way. */
const SLICE_MS = 2;
/** The oldest are removed each time the spans have grown by this share of what is kept. */
const GROWTH = 0.1;

/** What the settings say. */
export interface TraceLimits {
  retentionMs: number;
  maxSpans: number;
}

interface TracesParts {
  database: Database;
  clock: Clock;
  limits: () => TraceLimits;
  /** Takes secrets out of a text. */
  scrub: (text: string) => string;
  profiler: Pick<Profiler, "report">;
  /** Spans of the server's own requests that are not written yet. */
  waiting: WaitingSpans;
}

/** What became of spans that were sent. */
export interface TakenSpans {
  rejected: number;
  /** One sentence; empty when nothing was rejected. */
  problem: string;
}

/** Traces of applications: kept within bounds, and each span counted as an operation once, however often it is sent. */
export class Traces {
  readonly #parts: TracesParts;
  readonly #store: TraceStore;
  #sinceRemoval = 0;
  readonly #flushes = new JoinedRuns(() => this.#flush());

  constructor(parts: TracesParts) {
    this.#parts = parts;
    this.#store = new TraceStore(parts.database);
  }

  /** Takes what was received; it is answered once it is kept. @throws AppError `storage_full`, `overloaded` */
  async take({ spans, rejected, problems }: ReadTraces): Promise<TakenSpans> {
    const nowUs = this.#parts.clock.now() * US_PER_MS;
    const oldestUs = nowUs - this.#parts.limits().retentionMs * US_PER_MS;
    const timely = spans.filter(
      ({ startedAtUs, durationUs }) =>
        startedAtUs >= oldestUs && startedAtUs + durationUs <= nowUs + MAX_AHEAD_US,
    );
    const perTrace = Map.groupBy(timely, ({ traceId }) => traceId);
    let surplus = 0;
    const breathe = startBreathing(SLICE_MS);
    for (const batch of batchesOf([...perTrace])) {
      surplus += await this.#write(
        batch.map(([traceId, some]) => [traceId, some.map((span) => this.#clean(span))]),
      );
      await breathe();
    }
    await this.#removeWhenGrown();
    const untimely = spans.length - timely.length;
    const sentences = [
      ...problems,
      ...(untimely > 0
        ? ["A span is older than traces are kept, or a day ahead of this server's clock."]
        : []),
      ...(surplus > 0 ? [`A trace has at most ${MAX_SPANS_PER_TRACE} spans.`] : []),
    ];
    return { rejected: rejected + untimely + surplus, problem: sentences.join(" ") };
  }

  /**
   * Writes what was traced of the server's own requests; they are counted as operations where they are timed. What cannot
   * be written goes on waiting. @throws AppError `storage_full`, `overloaded`
   */
  async flush(): Promise<void> {
    await this.#flushes.run();
  }

  /** The latest first. @throws AppError `invalid_cursor` */
  async list(query: PageQuery, filter: TraceFilter): Promise<Page<Trace>> {
    const waiting = this.#parts.waiting.list();
    const stored = await this.#store.findSome(waiting.map(([id]) => id));
    const asRead = waiting.flatMap(([id, spans]) => withWaiting(id, stored.get(id), spans) ?? []);
    return this.#store.list(query, filter, asRead);
  }

  /** A trace with its spans in drawing order, spanning what they span there. @throws AppError `trace_not_found` */
  async get(id: string): Promise<{ trace: Trace; spans: PlacedSpan[] }> {
    // All in one turn: what is written meanwhile would be in none of them.
    const unwritten = this.#parts.waiting.of(id);
    const [stored, spans] = await Promise.all([this.#store.find(id), this.#store.listSpans(id)]);
    const known = new Set(spans.map((span) => span.id));
    const waiting = unwritten.filter((span) => !known.has(span.id));
    const trace = withWaiting(id, stored, waiting);
    if (!trace) throw new AppError("trace_not_found");
    const placed = waterfall([...spans, ...waiting]);
    return { trace: grown({ ...trace, ...NO_SPANS }, placed), spans: placed };
  }

  /** Removes what is older, or more, than is kept. */
  async clean(): Promise<void> {
    const { database, clock, limits } = this.#parts;
    const { retentionMs, maxSpans } = limits();
    this.#sinceRemoval = 0;
    const beforeUs = (clock.now() - retentionMs) * US_PER_MS;
    await database.write((tx) => this.#store.remove(tx, beforeUs, maxSpans));
  }

  async #flush(): Promise<void> {
    const { waiting } = this.#parts;
    const breathe = startBreathing(SLICE_MS);
    for (const batch of batchesOf(waiting.list())) {
      this.#sinceRemoval += sumOf(await this.#add(batch)).added;
      for (const [traceId, spans] of batch) waiting.forget(traceId, spans.length);
      await breathe();
    }
    await this.#removeWhenGrown();
  }

  /** Writes spans of some traces; gives how many found no room. */
  async #write(batch: readonly (readonly [string, Span[]])[]): Promise<number> {
    const kept = await this.#add(batch);
    for (const { added } of kept) this.#parts.profiler.report(added.map(operationOf));
    const { added, surplus } = sumOf(kept);
    this.#sinceRemoval += added;
    return surplus;
  }

  #add(batch: readonly (readonly [string, Span[]])[]): Promise<AddedSpans[]> {
    return this.#parts.database.write(async (tx) => {
      const outcomes: AddedSpans[] = [];
      for (const [traceId, spans] of batch) outcomes.push(await this.#store.add(tx, traceId, spans));
      return outcomes;
    });
  }

  async #removeWhenGrown(): Promise<void> {
    if (this.#sinceRemoval > this.#parts.limits().maxSpans * GROWTH) await this.clean();
  }

  #clean(span: ReceivedSpan): Span {
    const room = { characters: MAX_SPAN_CHARACTERS };
    return {
      ...span,
      name: cleanName(this.#parts.scrub(span.name)),
      service: applicationName(cleanName(span.service, MAX_SOURCE_LENGTH)),
      message: this.#text(span.message),
      attributes: this.#attributes(span.attributes, room),
      events: span.events.map(({ offsetUs, name, attributes }) => ({
        offsetUs,
        name: cleanName(this.#parts.scrub(name)),
        attributes: this.#attributes(attributes, room),
      })),
    };
  }

  /** @param room is what the span has left; it is used up. */
  #attributes(given: Readonly<Record<string, unknown>>, room: { characters: number }): Attributes {
    const kept = new Map<string, string | number | boolean>();
    for (const [givenName, givenValue] of Object.entries(given).slice(0, MAX_ATTRIBUTES)) {
      const name = cleanName(givenName, MAX_ATTRIBUTE_NAME_LENGTH);
      const value = this.#value(givenValue);
      room.characters -= name.length + String(value).length;
      if (room.characters < 0) break;
      kept.set(name, value);
    }
    return Object.fromEntries(kept);
  }

  #value(value: unknown): string | number | boolean {
    if (typeof value === "boolean" || Number.isFinite(value)) return value as boolean | number;
    // Infinity and NaN are no numbers of JSON.
    return this.#text(typeof value === "number" ? String(value) : value);
  }

  #text(value: unknown): string {
    const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
    return this.#parts.scrub(text).slice(0, MAX_TEXT_LENGTH).toWellFormed();
  }
}

const sumOf = (outcomes: readonly AddedSpans[]) => ({
  added: outcomes.reduce((sum, { added }) => sum + added.length, 0),
  surplus: outcomes.reduce((sum, { surplus }) => sum + surplus, 0),
});

/** Traces in groups of about {@link WRITTEN_AT_ONCE} spans. */
function* batchesOf<One>(
  perTrace: readonly (readonly [string, One[]])[],
): Generator<(readonly [string, One[]])[]> {
  let batch: (readonly [string, One[]])[] = [];
  let size = 0;
  for (const [traceId, spans] of perTrace) {
    for (let start = 0; start < spans.length; start += WRITTEN_AT_ONCE) {
      const some = spans.slice(start, start + WRITTEN_AT_ONCE);
      batch.push([traceId, some]);
      size += some.length;
      if (size < WRITTEN_AT_ONCE) continue;
      yield batch;
      batch = [];
      size = 0;
    }
  }
  if (batch.length > 0) yield batch;
}

const operationOf = (span: Span) => ({
  operation: { kind: "app", source: span.service, name: span.name } as const,
  durationMs: span.durationUs / US_PER_MS,
  hasFailed: span.hasFailed,
  at: Math.round((span.startedAtUs + span.durationUs) / US_PER_MS),
  traceId: span.traceId,
  attributes: span.attributes,
});
