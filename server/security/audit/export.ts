import type { Clock, TimerHandle } from "../../lib/clock.ts";
import { csvRow } from "../../lib/csv.ts";
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

function csvLine(row: AuditRow): string {
  const view = auditView(row);
  return csvRow(COLUMNS.map((column) => view[column]));
}
