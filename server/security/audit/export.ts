import type { Clock } from "../../lib/clock.ts";
import { csvRow } from "../../lib/csv.ts";
import { streamedText } from "../../lib/streamed-text.ts";
import type { AuditRow } from "../audit-store.ts";
import type { AuditView } from "./model.ts";
import { auditView } from "./views.ts";

export type AuditFormat = "ndjson" | "csv";

const COLUMNS = [
  "seq",
  "at",
  "actor",
  "action",
  "target",
  "outcome",
  "count",
  "correlationId",
  "address",
  "detail",
  "mac",
] as const satisfies readonly (keyof AuditView)[];

/** Rows as a stream of bytes, a batch at a time: the next is read when the client has taken the last. */
export function exportStream(
  rows: AsyncGenerator<AuditRow[]>,
  format: AuditFormat,
  clock: Clock,
): ReadableStream<Uint8Array> {
  const line = format === "csv" ? csvLine : ndjsonLine;
  const head = format === "csv" ? `${COLUMNS.join()}\r\n` : "";
  return streamedText(clock, rows, { head, batch: (read) => read.map(line).join(""), tail: "" });
}

const ndjsonLine = (row: AuditRow): string => `${JSON.stringify(auditView(row))}\n`;

function csvLine(row: AuditRow): string {
  const view = auditView(row);
  return csvRow(COLUMNS.map((column) => view[column]));
}
