import { LOG_LEVELS, type LogLevel } from "../../../schema/rules/log-levels.ts";
import type { Connection } from "../../database/database.ts";
import type { LevelCounts } from "../line.ts";
import { type PackedBlock, unpackMarks, unpackTexts } from "./block.ts";
import type { Marks } from "./marks.ts";

/** Blocks read at a time: what lies between two looks at the clock. */
const BLOCKS_A_READ = 16;

/** A stored block without its texts. */
export interface BlockRow {
  id: number;
  lastId: number;
  minAt: number;
  maxAt: number;
  counts: LevelCounts;
  /** Not decompressed yet. */
  packedMarks: Uint8Array;
}

interface StoredRow extends LevelCounts {
  id: number;
  last_id: number;
  min_at: number;
  max_at: number;
  marks: Uint8Array;
}

/** Which blocks may hold what is looked for. */
export interface BlockQuery {
  from?: number | undefined;
  to?: number | undefined;
  levels?: readonly LogLevel[] | undefined;
  sourceIds?: readonly number[] | undefined;
  /** FTS5 expression. */
  index?: string | undefined;
}

/** Stores a block with its place in the index. */
export function insertBlock(
  { $client }: Pick<Connection, "$client">,
  block: PackedBlock,
  sealedAt: number,
): void {
  const { id, lastId, minAt, maxAt, counts, sources, marks, packed, terms } = block;
  $client
    .query("INSERT INTO log_blocks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    .run(
      id,
      lastId,
      minAt,
      maxAt,
      sealedAt,
      counts.debug,
      counts.info,
      counts.warning,
      counts.error,
      sources,
      marks,
    );
  $client.query("INSERT INTO log_texts VALUES (?, ?)").run(id, packed);
  $client.query("INSERT INTO log_index (rowid, texts) VALUES (?, ?)").run(id, terms);
}

/**
 * Blocks that may hold what is looked for, from `startId` on: `down` from the newest line before it, `up` from it. Read a
 * few at a time, so that a reader may stop at any block without having read the rest.
 */
export function* findBlocks(
  reader: Connection,
  query: BlockQuery,
  startId: number,
  direction: "down" | "up",
): Generator<BlockRow> {
  const { sql, values } = blockSql(query, direction);
  for (let next = direction === "down" ? startId : blockOf(reader, startId); ; ) {
    const rows = reader.$client.query<StoredRow, (number | string)[]>(sql).all(next, ...values);
    for (const row of rows) yield toBlock(row);
    const last = rows.at(-1);
    if (rows.length < BLOCKS_A_READ || !last) return;
    next = direction === "down" ? last.id : last.id + 1;
  }
}

/** The block that holds the line of that number; the line itself when none does. */
const blockOf = ({ $client }: Connection, lineId: number): number =>
  $client
    .query<{ id: number | null }, [number]>("SELECT max(id) AS id FROM log_blocks WHERE id <= ?")
    .get(lineId)?.id ?? lineId;

/** The numbers of the first and the last line of the blocks that reach into a range of time; undefined when none does. */
export function findSpan(
  { $client }: Connection,
  from: number,
  to: number,
): { firstId: number; lastId: number } | undefined {
  const end = (order: "ASC" | "DESC") =>
    $client
      .query<{ id: number; last_id: number }, [number, number]>(
        `SELECT id, last_id FROM log_blocks WHERE max_at >= ? AND min_at <= ? ORDER BY id ${order} LIMIT 1`,
      )
      .get(from, to);
  const [first, last] = [end("ASC"), end("DESC")];
  return first && last ? { firstId: first.id, lastId: last.last_id } : undefined;
}

/** The texts of a block as one; undefined when it was deleted meanwhile. @throws AppError `chunk_corrupt` */
export function readTexts(reader: Connection, id: number): string | undefined {
  const row = reader.$client
    .query<{ packed: Uint8Array }, [number]>("SELECT packed FROM log_texts WHERE id = ?")
    .get(id);
  return row ? unpackTexts(row.packed) : undefined;
}

/** @throws AppError `chunk_corrupt` */
export const readMarks = ({ packedMarks }: BlockRow): Marks => unpackMarks(packedMarks);

/** Deletes blocks and their place in the index. */
export function deleteBlocks({ $client }: Connection, ids: readonly number[]): void {
  for (const id of ids) {
    $client.query("DELETE FROM log_blocks WHERE id = ?").run(id);
    $client.query("DELETE FROM log_texts WHERE id = ?").run(id);
    $client.query("DELETE FROM log_index WHERE rowid = ?").run(id);
  }
}

const COLUMNS = "b.id, b.last_id, b.min_at, b.max_at, b.debug, b.info, b.warning, b.error, b.marks";

function blockSql(
  { from, to, levels, sourceIds, index }: BlockQuery,
  direction: "down" | "up",
): { sql: string; values: (number | string)[] } {
  const conditions: string[] = [];
  const values: (number | string)[] = [];
  const where = (condition: string, ...bound: (number | string)[]): void => {
    conditions.push(condition);
    values.push(...bound);
  };
  if (from !== undefined) where("b.max_at >= ?", from);
  if (to !== undefined) where("b.min_at <= ?", to);
  // The names come from our own list, never from a caller.
  const named = LOG_LEVELS.filter((level) => levels?.includes(level));
  if (named.length > 0) where(`(${named.map((level) => `b.${level} > 0`).join(" OR ")})`);
  if (sourceIds) {
    where(
      `(${sourceIds.map(() => "instr(b.sources, ?) > 0").join(" OR ") || "0"})`,
      ...sourceIds.map((id) => `,${id},`),
    );
  }
  // CROSS keeps the index outside: the other way round it would be asked once a block.
  const table =
    index === undefined ? "log_blocks b" : "log_index CROSS JOIN log_blocks b ON b.id = log_index.rowid";
  if (index !== undefined) where("log_index MATCH ?", index);
  const key = index === undefined ? "b.id" : "log_index.rowid";
  const [order, place] = direction === "down" ? ["DESC", `${key} < ?`] : ["ASC", `${key} >= ?`];
  return {
    sql: `SELECT ${COLUMNS} FROM ${table} WHERE ${[place, ...conditions].join(" AND ")} ORDER BY ${key} ${order} LIMIT ${BLOCKS_A_READ}`,
    values,
  };
}

const toBlock = (row: StoredRow): BlockRow => ({
  id: row.id,
  lastId: row.last_id,
  minAt: row.min_at,
  maxAt: row.max_at,
  counts: { debug: row.debug, info: row.info, warning: row.warning, error: row.error },
  packedMarks: row.marks,
});
