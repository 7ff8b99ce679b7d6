import type { Clock } from "../lib/clock.ts";
import { streamedText, type TextFormat } from "../lib/streamed-text.ts";
import type { ExportedRows } from "./store.ts";
import type { Resolution } from "./tiers.ts";

export type ExportFormat = "csv" | "json";

interface ExportParts {
  clock: Clock;
  rows: AsyncGenerator<ExportedRows>;
  format: ExportFormat;
  resolution: Resolution;
  /** Called once, however the export ends. */
  onEnd: () => void;
}

/** Rows as a stream of bytes, a batch at a time; see {@link streamedText}. */
export function exportStream({
  clock,
  rows,
  format,
  resolution,
  onEnd,
}: ExportParts): ReadableStream<Uint8Array> {
  const writer = format === "csv" ? csvWriter(resolution) : jsonWriter(resolution);
  return streamedText(clock, rows, writer, onEnd);
}

/** RFC 4180: a header, CRLF, fields with quotes or commas quoted. */
function csvWriter(resolution: Resolution): TextFormat<ExportedRows> {
  const columns = resolution === "raw" ? ["value"] : ["min", "max", "avg", "count"];
  return {
    head: `${["time", "at", "series", "unit", ...columns].join()}\r\n`,
    batch: ({ series: { definition }, rows }) => {
      const series = `${csvField(definition.key)},${definition.unit}`;
      const line = (at: number, i: number) =>
        `${new Date(at).toISOString()},${at},${series},${valuesOf(rows, i, resolution).join()}\r\n`;
      return Array.from(rows.times, line).join("");
    },
    tail: "",
  };
}

/** One array, an object a line: `{"at":…,"key":…,"value":…}`, or min, max, avg and count of each bucket. */
function jsonWriter(resolution: Resolution): TextFormat<ExportedRows> {
  let separator = "\n";
  return {
    head: "[",
    batch: ({ series: { definition }, rows }) => {
      const key = JSON.stringify(definition.key);
      const line = (at: number, i: number) => {
        const [value, max, avg, count] = valuesOf(rows, i, resolution);
        const values =
          resolution === "raw"
            ? `"value":${value}`
            : `"min":${value},"max":${max},"avg":${avg},"count":${count}`;
        return `{"at":${at},"key":${key},${values}}`;
      };
      const text = separator + Array.from(rows.times, line).join(",\n");
      separator = ",\n";
      return text;
    },
    tail: "\n]\n",
  };
}

/** The sample of a row, or the minimum, maximum, average and count of its bucket. */
function valuesOf(rows: ExportedRows["rows"], i: number, resolution: Resolution): number[] {
  const min = rows.min[i] ?? 0;
  if (resolution === "raw") return [min];
  const count = rows.count[i] ?? 1;
  return [min, rows.max[i] ?? 0, (rows.sum[i] ?? 0) / count, count];
}

const csvField = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
