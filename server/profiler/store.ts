import { and, count, desc, eq, gte, inArray, lt, lte, notInArray, placeholder, sql } from "drizzle-orm";
import type { OperationKind } from "../../schema/rules/operations.ts";
import { operations, operationWindows, slowOperations } from "../../schema/tables/profiler.ts";
import type { Connection, Database } from "../database/database.ts";
import { Prepared } from "../database/prepared.ts";
import { startBreathing } from "../lib/breathe.ts";
import {
  HOUR_MS,
  MINUTE_MS,
  type OperationIdentity,
  type OperationStatistics,
  type SlowOperation,
  type Tally,
} from "./operation.ts";
import { type Stretch, WindowStore } from "./window-store.ts";

/** How long summing up holds the event loop at a time. */
const SLICE_MS = 2;
/** Gives the operation its row, or says that it was seen again. */
const SEE = new Prepared((db) =>
  db
    .insert(operations)
    .values({
      ...{ kind: placeholder("kind"), source: placeholder("source"), name: placeholder("name") },
      ...{ firstSeenAt: placeholder("seenAt"), lastSeenAt: placeholder("seenAt") },
    })
    .onConflictDoUpdate({
      target: [operations.kind, operations.source, operations.name],
      set: { lastSeenAt: sql`max(${operations.lastSeenAt}, excluded.last_seen_at)` },
    })
    .returning({ id: operations.id })
    .prepare(),
);

/** Which operations statistics are made of. */
export interface OperationFilter {
  /** Of any of these kinds. */
  kinds?: readonly OperationKind[] | undefined;
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
  until?: number | undefined;
}

/** Every query of operations and slow operations. */
export class OperationStore {
  readonly windows: WindowStore;
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    this.windows = new WindowStore(database);
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
    const row = SEE.on(tx).get({ kind, source, name, seenAt });
    for (const widthMs of [MINUTE_MS, HOUR_MS]) {
      this.windows.add(tx, row.id, widthMs, minuteAt - (minuteAt % widthMs), tally);
    }
  }

  async addSlow(tx: Connection, slow: SlowOperation): Promise<void> {
    tx.insert(slowOperations)
      .values({ ...slow, attributes: JSON.stringify(slow.attributes) })
      .run();
  }

  /** How each operation went over the stretch. */
  async summarise(stretch: Stretch, filter: OperationFilter): Promise<OperationStatistics[]> {
    const breathe = startBreathing(SLICE_MS);
    const found = await this.#operations(filter);
    const lately: OperationStatistics[] = [];
    for (const operation of found) {
      const summary = this.windows.summarise(operation.id, stretch);
      if (summary) lately.push({ ...operation, ...summary });
      await breathe();
    }
    return lately;
  }

  async find(id: number): Promise<(OperationIdentity & { id: number; lastSeenAt: number }) | undefined> {
    const [row] = await this.#operations({ id });
    return row;
  }

  /** The slowest first. */
  async listSlow(filter: SlowFilter, limit: number): Promise<(SlowOperation & { id: number })[]> {
    const { kinds, name, service, minimumMs, since, until } = filter;
    const rows = this.#database.reader
      .select()
      .from(slowOperations)
      .where(
        and(
          gte(slowOperations.durationMs, minimumMs),
          since === undefined ? undefined : gte(slowOperations.at, since),
          until === undefined ? undefined : lt(slowOperations.at, until),
          kinds === undefined ? undefined : inArray(slowOperations.kind, [...kinds]),
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

  async #operations({ kinds, name, service, text, id }: OperationFilter) {
    const rows = this.#database.reader
      .select()
      .from(operations)
      .where(
        and(
          id === undefined ? undefined : eq(operations.id, id),
          kinds === undefined ? undefined : inArray(operations.kind, [...kinds]),
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
}
