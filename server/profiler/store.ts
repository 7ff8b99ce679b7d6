import { and, asc, count, desc, eq, gte, lt, lte, notInArray, sql } from "drizzle-orm";
import type { OperationKind } from "../../schema/rules/operations.ts";
import { operations, operationWindows, slowOperations } from "../../schema/tables/profiler.ts";
import type { Connection, Database } from "../database/database.ts";
import { startBreathing } from "../lib/breathe.ts";
import {
  HOUR_MS,
  MINUTE_MS,
  type OperationIdentity,
  type OperationStatistics,
  type OperationWindow,
  type SlowOperation,
  type Tally,
} from "./operation.ts";
import { DurationSketch, type StoredSketch, storedSketch } from "./sketch.ts";

/** Windows read at once, before other work has its turn. */
const WINDOWS_AT_ONCE = 1_000;

/** Which operations statistics are made of. */
export interface OperationFilter {
  kind?: OperationKind | undefined;
  name?: string | undefined;
  /** `binnacle`, or the application that reported it. */
  service?: string | undefined;
  /** Within the name or the service, whatever its case. */
  text?: string | undefined;
  id?: number | undefined;
}

/** Which slow operations a list shows. */
export interface SlowFilter extends OperationFilter {
  /** At least so many milliseconds. */
  minimumMs: number;
  since?: number | undefined;
}

/** Every query of operations and slow operations. */
export class OperationStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Every operation that is remembered. */
  async listIdentities(): Promise<OperationIdentity[]> {
    const { kind, source, name } = operations;
    const rows = this.#database.reader.select({ kind, source, name }).from(operations).all();
    return rows.map((row) => ({ ...row, kind: row.kind as OperationKind }));
  }

  /** Adds what happened to the minute and the hour it happened in. */
  async add(tx: Connection, tally: Tally, minuteAt: number, seenAt: number): Promise<void> {
    const { kind, source, name } = tally;
    const row = tx
      .insert(operations)
      .values({ kind, source, name, firstSeenAt: seenAt, lastSeenAt: seenAt })
      .onConflictDoUpdate({
        target: [operations.kind, operations.source, operations.name],
        set: { lastSeenAt: sql`max(${operations.lastSeenAt}, ${seenAt})` },
      })
      .returning({ id: operations.id })
      .get();
    for (const widthMs of [MINUTE_MS, HOUR_MS]) {
      this.#addWindow(tx, row.id, widthMs, minuteAt - (minuteAt % widthMs), tally);
    }
  }

  async addSlow(tx: Connection, slow: SlowOperation): Promise<void> {
    tx.insert(slowOperations)
      .values({ ...slow, attributes: JSON.stringify(slow.attributes) })
      .run();
  }

  /** How each operation went in the windows that begin within [from, to). */
  async summarise(
    widthMs: number,
    from: number,
    to: number,
    filter: OperationFilter,
  ): Promise<OperationStatistics[]> {
    const found = await this.#operations(filter);
    const breathe = startBreathing();
    const last: OperationStatistics[] = [];
    for (const operation of found) {
      const windows = this.#windowsOf(operation.id, widthMs, from, to);
      if (windows.length > 0) last.push({ ...operation, ...merged(windows) });
      await breathe();
    }
    return last;
  }

  /** The windows of one operation that begin within [from, to), oldest first. */
  async listWindows(id: number, widthMs: number, from: number, to: number): Promise<OperationWindow[]> {
    return this.#windowsOf(id, widthMs, from, to);
  }

  async find(id: number): Promise<(OperationIdentity & { id: number; lastSeenAt: number }) | undefined> {
    const [row] = await this.#operations({ id });
    return row;
  }

  /** The slowest first. */
  async listSlow(filter: SlowFilter, limit: number): Promise<(SlowOperation & { id: number })[]> {
    const { kind, name, service, minimumMs, since } = filter;
    const rows = this.#database.reader
      .select()
      .from(slowOperations)
      .where(
        and(
          gte(slowOperations.durationMs, minimumMs),
          since === undefined ? undefined : gte(slowOperations.at, since),
          kind === undefined ? undefined : eq(slowOperations.kind, kind),
          name === undefined ? undefined : eq(slowOperations.name, name),
          service === undefined ? undefined : eq(slowOperations.source, service),
        ),
      )
      .orderBy(desc(slowOperations.durationMs), desc(slowOperations.id))
      .limit(limit)
      .all();
    return rows.map(({ kind: stored, attributes, ...row }) => ({
      ...row,
      kind: stored as OperationKind,
      attributes: JSON.parse(attributes) as Record<string, string>,
    }));
  }

  /** Removes minutes, hours and operations that are older than is kept. */
  async removeOld(tx: Connection, minutesBefore: number, hoursBefore: number): Promise<void> {
    for (const [widthMs, before] of [
      [MINUTE_MS, minutesBefore],
      [HOUR_MS, hoursBefore],
    ] as const) {
      tx.delete(operationWindows)
        .where(and(eq(operationWindows.widthMs, widthMs), lt(operationWindows.startAt, before)))
        .run();
    }
    tx.delete(operations).where(lt(operations.lastSeenAt, hoursBefore)).run();
    tx.delete(slowOperations).where(lt(slowOperations.at, hoursBefore)).run();
  }

  /** Leaves at most `kept` slow operations, the latest, and at most `keptOperations` operations, those seen last. */
  async removeBeyond(tx: Connection, kept: number, keptOperations: number): Promise<void> {
    const edge = tx
      .select({ id: slowOperations.id })
      .from(slowOperations)
      .orderBy(desc(slowOperations.id))
      .limit(1)
      .offset(kept)
      .get();
    if (edge) tx.delete(slowOperations).where(lte(slowOperations.id, edge.id)).run();
    const total = tx.select({ count: count() }).from(operations).get()?.count ?? 0;
    if (total <= keptOperations) return;
    const staying = tx
      .select({ id: operations.id })
      .from(operations)
      .orderBy(desc(operations.lastSeenAt), desc(operations.id))
      .limit(keptOperations);
    tx.delete(operations).where(notInArray(operations.id, staying)).run();
  }

  async #operations({ kind, name, service, text, id }: OperationFilter) {
    const rows = this.#database.reader
      .select()
      .from(operations)
      .where(
        and(
          id === undefined ? undefined : eq(operations.id, id),
          kind === undefined ? undefined : eq(operations.kind, kind),
          name === undefined ? undefined : eq(operations.name, name),
          service === undefined ? undefined : eq(operations.source, service),
          text === undefined
            ? undefined
            : sql`instr(lower(${operations.name} || char(10) || ${operations.source}), lower(${text})) > 0`,
        ),
      )
      .all();
    return rows.map((row) => ({ ...row, kind: row.kind as OperationKind }));
  }

  #windowsOf(id: number, widthMs: number, from: number, to: number): OperationWindow[] {
    const rows = this.#database.reader
      .select()
      .from(operationWindows)
      .where(
        and(
          eq(operationWindows.operationId, id),
          eq(operationWindows.widthMs, widthMs),
          gte(operationWindows.startAt, from),
          lt(operationWindows.startAt, to),
        ),
      )
      .orderBy(asc(operationWindows.startAt))
      .limit(WINDOWS_AT_ONCE)
      .all();
    return rows.map((row) => ({
      startAt: row.startAt,
      errors: row.errors,
      sketch: DurationSketch.from(row),
    }));
  }

  #addWindow(tx: Connection, operationId: number, widthMs: number, startAt: number, tally: Tally): void {
    const place = and(
      eq(operationWindows.widthMs, widthMs),
      eq(operationWindows.startAt, startAt),
      eq(operationWindows.operationId, operationId),
    );
    const before = tx.select().from(operationWindows).where(place).get();
    const { sketch, errors } = withBefore(tally, before);
    const values = { ...storedSketch(sketch), errors };
    if (before) tx.update(operationWindows).set(values).where(place).run();
    else
      tx.insert(operationWindows)
        .values({ widthMs, startAt, operationId, ...values })
        .run();
  }
}

function withBefore(tally: Tally, before: (StoredSketch & { errors: number }) | undefined) {
  if (!before) return { sketch: tally.sketch, errors: tally.errors };
  const sketch = DurationSketch.from(before);
  sketch.merge(tally.sketch);
  return { sketch, errors: before.errors + tally.errors };
}

/** What several windows say together. */
export function merged(windows: readonly OperationWindow[]): { sketch: DurationSketch; errors: number } {
  const sketch = new DurationSketch();
  let errors = 0;
  for (const window of windows) {
    sketch.merge(window.sketch);
    errors += window.errors;
  }
  return { sketch, errors };
}
