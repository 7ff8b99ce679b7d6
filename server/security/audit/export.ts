import type { Clock, TimerHandle } from "../../lib/clock.ts";
import type { AuditRow } from "../audit-store.ts";
import type { AuditView } from "./model.ts";
import { auditView } from "./views.ts";

export type AuditFormat = "ndjson" | "csv";

/** A reader that takes nothing for this long is gone; its export ends. */
const MAX_STALL_MS = 60_000;
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
/** What makes a spreadsheet take a text for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/** Rows as a stream of bytes, a batch at a time: the next is read when the client has taken the last. */
export function exportStream(
  rows: AsyncGenerator<AuditRow[]>,
  format: AuditFormat,
  clock: Clock,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const line = format === "csv" ? csvLine : ndjsonLine;
  let stall: TimerHandle | undefined;
  const watch = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    stall?.cancel();
    stall = clock.after(MAX_STALL_MS, () => {
      controller.error(new Error("The reader of the export stalled."));
      void rows.return(undefined);
    });
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        if (format === "csv") controller.enqueue(encoder.encode(`${COLUMNS.join()}\r\n`));
        watch(controller);
      },
      async pull(controller) {
        watch(controller);
        const step = await rows.next();
        if (!step.done) return controller.enqueue(encoder.encode(step.value.map(line).join("")));
        stall?.cancel();
        controller.close();
      },
      async cancel() {
        stall?.cancel();
        await rows.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

const ndjsonLine = (row: AuditRow): string => `${JSON.stringify(auditView(row))}\n`;

/** RFC 4180. A text that a spreadsheet would calculate is marked as text. */
function csvLine(row: AuditRow): string {
  const view = auditView(row);
  const fields = COLUMNS.map((column) => {
    const value = view[column];
    if (typeof value === "number") return String(value);
    const text = typeof value === "string" ? value : JSON.stringify(value);
    const safe = FORMULA.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  });
  return `${fields.join()}\r\n`;
}
