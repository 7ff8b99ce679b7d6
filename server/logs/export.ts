import type { Clock } from "../lib/clock.ts";
import { csvRow } from "../lib/csv.ts";
import { onOneLine } from "../lib/one-line.ts";
import { streamedText } from "../lib/streamed-text.ts";
import type { LogLine } from "./line.ts";
import type { ExportFormat, LineView } from "./model.ts";
import { lineView } from "./views.ts";

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
  return `${onOneLine(whole)}\n`;
}

/**
 * Lines as bytes, a batch at a time; see {@link streamedText}.
 * @param onEnd is called once, however the export ends.
 */
export function exportLines(
  clock: Clock,
  batches: AsyncGenerator<readonly LogLine[]>,
  format: ExportFormat,
  onEnd: () => void,
): ReadableStream<Uint8Array> {
  const { head, line } = FORMATS[format];
  const batch = (lines: readonly LogLine[]): string => lines.map((stored) => line(lineView(stored))).join("");
  return streamedText(clock, batches, { head, batch, tail: "" }, onEnd);
}
