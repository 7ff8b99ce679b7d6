import type { Connection } from "../../database/database.ts";
import { Head } from "./head.ts";
import { decodeMarks } from "./marks.ts";
import { LINE } from "./text.ts";

interface TailRow {
  id: number;
  marks: Uint8Array;
  texts: string;
}

/** Fills the head from the tail. A damaged row costs its own lines and is reported. */
export function loadHead({ $client }: Connection, report: (rowId: number, error: unknown) => void): Head {
  const rows = $client.query<TailRow, []>("SELECT * FROM log_tail ORDER BY id").all();
  const head = new Head(rows[0]?.id ?? nextId({ $client }));
  for (const { id, marks, texts } of rows) {
    try {
      const { ats, levels, sources } = decodeMarks(marks);
      const lines = texts.split(LINE);
      for (const [index, at] of ats.entries()) {
        head.put({
          at,
          level: levels[index] ?? 0,
          sourceId: sources[index] ?? 0,
          text: lines[index] ?? "",
        });
      }
    } catch (error) {
      report(id, error);
    }
  }
  return head;
}

/** Above every number that was ever given. */
function nextId({ $client }: Pick<Connection, "$client">): number {
  const last = $client
    .query<{ last: number | null }, []>("SELECT max(last_id) AS last FROM log_blocks")
    .get();
  const floor = $client.query<{ next_id: number }, []>("SELECT next_id FROM log_floor").get();
  return Math.max((last?.last ?? 0) + 1, floor?.next_id ?? 1);
}
