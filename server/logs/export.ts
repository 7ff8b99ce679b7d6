import type { Clock, TimerHandle } from "../lib/clock.ts";
import { csvRow } from "../lib/csv.ts";
import type { LogLine } from "./line.ts";
import type { ExportFormat, LineView } from "./model.ts";
import { lineView } from "./views.ts";

/** A reader that takes nothing for this long is gone; its export ends. */
const MAX_STALL_MS = 60_000;

const COLUMNS = [
  "id",
  "at",
  "level",
  "source",
  "message",
  "correlationId",
  "traceId",
  "spanId",
  "fields",
] as const satisfies readonly (keyof LineView)[];
/** What would break a line of a text or steer the terminal that shows it. */
const CONTROL = /\p{Cc}/gu;

/** What a format writes before the lines, and for each. */
interface Format {
  head: string;
  line(view: LineView): string;
}

const FORMATS: Readonly<Record<ExportFormat, Format>> = {
  ndjson: { head: "", line: (view) => `${JSON.stringify(view)}\n` },
  csv: {
    head: csvRow(COLUMNS),
    line: (view) => csvRow(COLUMNS.map((column) => view[column] ?? "")),
  },
  text: { head: "", line: textOf },
};

/** Time, level, source, message and fields on one line; control characters are written out. */
function textOf({ at, level, source, message, fields }: LineView): string {
  const said = Object.entries(fields).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  const whole = `${at} ${level.padEnd(7)} ${source} ${message}${said.join("")}`;
  return `${whole.replace(CONTROL, escaped)}\n`;
}

const escaped = (character: string): string =>
  JSON.stringify(character).slice(1, -1).replace("\x7f", "\\u007f");

/**
 * Lines as bytes. One batch is in memory at a time: the next is read when the client has taken the last. A client that
 * goes away or stalls ends the reading.
 * @param onEnd is called once, however the export ends.
 */
export function exportLines(
  clock: Clock,
  batches: AsyncGenerator<readonly LogLine[]>,
  format: ExportFormat,
  onEnd: () => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const { head, line } = FORMATS[format];
  let stall: TimerHandle | undefined;
  let hasEnded = false;
  const end = async (): Promise<void> => {
    if (hasEnded) return;
    hasEnded = true;
    stall?.cancel();
    onEnd();
    await batches.return(undefined);
  };
  const watch = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    stall?.cancel();
    stall = clock.after(MAX_STALL_MS, () => {
      controller.error(new Error("The reader of the export stalled."));
      void end();
    });
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        if (head !== "") controller.enqueue(encoder.encode(head));
        watch(controller);
      },
      async pull(controller) {
        watch(controller);
        try {
          const step = await batches.next();
          if (hasEnded) return;
          if (!step.done) {
            const text = step.value.map((stored) => line(lineView(stored))).join("");
            controller.enqueue(encoder.encode(text));
            return;
          }
          controller.close();
        } catch (error) {
          await end();
          throw error;
        }
        await end();
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
}
