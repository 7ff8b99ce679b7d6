import type { Clock, TimerHandle } from "../lib/clock.ts";
import type { ExportedRows } from "./store.ts";
import type { Resolution } from "./tiers.ts";

export type ExportFormat = "csv" | "json";

/** A reader that takes nothing for this long is gone; its export ends. */
const MAX_STALL_MS = 60_000;

/** What a format writes before, for each batch, and after. */
interface Writer {
  head: string;
  batch(batch: ExportedRows): string;
  tail: string;
}

interface ExportParts {
  clock: Clock;
  rows: AsyncGenerator<ExportedRows>;
  format: ExportFormat;
  resolution: Resolution;
  /** Called once, however the export ends. */
  onEnd: () => void;
}

/**
 * Rows as a stream of bytes. One batch of a few thousand rows is in memory at a time: the next is read when the
 * client has taken the last. A client that goes away or stalls ends the reading.
 */
export function exportStream({
  clock,
  rows,
  format,
  resolution,
  onEnd,
}: ExportParts): ReadableStream<Uint8Array> {
  const writer = format === "csv" ? csvWriter(resolution) : jsonWriter(resolution);
  const encoder = new TextEncoder();
  let stall: TimerHandle | undefined;
  let isEnded = false;
  let hasBegun = false;
  const end = async (): Promise<void> => {
    if (isEnded) return;
    isEnded = true;
    stall?.cancel();
    onEnd();
    await rows.return(undefined);
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
      start: watch,
      async pull(controller) {
        watch(controller);
        if (!hasBegun) {
          hasBegun = true;
          controller.enqueue(encoder.encode(writer.head));
          return;
        }
        try {
          const step = await rows.next();
          if (isEnded) return;
          controller.enqueue(encoder.encode(step.done ? writer.tail : writer.batch(step.value)));
          if (!step.done) return;
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

/** RFC 4180: a header, CRLF, fields with quotes or commas quoted. */
function csvWriter(resolution: Resolution): Writer {
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
function jsonWriter(resolution: Resolution): Writer {
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
