import type { Connection } from "../../database/database.ts";
import { BLOCK_LINES, type Lines } from "./block.ts";
import { type ColumnLine, Head } from "./head.ts";
import { decodeMarks } from "./marks.ts";
import { LINE } from "./text.ts";

interface TailRow {
  id: number;
  marks: Uint8Array;
  texts: string;
}

/** What the tail held: blocks that were not sealed yet, oldest first, and what filled none. */
export interface LoadedTail {
  closed: Lines[];
  head: Head;
}

/**
 * Reads the tail. A row lies within one block, as it was appended. A damaged one costs its own lines and is reported; a
 * block ends before it, so that every other line keeps its number.
 */
export function loadTail(
  { $client }: Connection,
  report: (rowId: number, error: unknown) => void,
): LoadedTail {
  const rows = $client.query<TailRow, []>("SELECT * FROM log_tail ORDER BY id").all();
  const closed: Lines[] = [];
  let head = new Head(rows[0]?.id ?? nextId({ $client }));
  const beginAt = (id: number): void => {
    if (head.size > 0) closed.push(head.lines);
    head = new Head(id);
  };
  for (const row of rows) {
    if (head.isFull || row.id !== head.nextId) beginAt(row.id);
    try {
      head.put(linesOf(row));
    } catch (error) {
      report(row.id, error);
      // No row has more: its numbers stay unused.
      beginAt(row.id + BLOCK_LINES);
    }
  }
  if (head.isFull) beginAt(head.nextId);
  return { closed, head };
}

function linesOf({ marks, texts }: TailRow): ColumnLine[] {
  const { ats, levels, sources } = decodeMarks(marks);
  const lines = texts.split(LINE);
  return Array.from(ats, (at, index) => ({
    at,
    level: levels[index] ?? 0,
    sourceId: sources[index] ?? 0,
    text: lines[index] ?? "",
  }));
}

/** Above every number that was ever given. */
function nextId({ $client }: Pick<Connection, "$client">): number {
  const last = $client
    .query<{ last: number | null }, []>("SELECT max(last_id) AS last FROM log_blocks")
    .get();
  const floor = $client.query<{ next_id: number }, []>("SELECT next_id FROM log_floor").get();
  return Math.max((last?.last ?? 0) + 1, floor?.next_id ?? 1);
}
